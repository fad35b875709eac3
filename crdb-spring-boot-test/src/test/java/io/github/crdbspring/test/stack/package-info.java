/**
 * An application with several ways to the database.
 */
package io.github.crdbspring.test.stack;
