/**
 * The database for tests: chosen once per JVM, with a database of its own for each test
 * class.
 */
package io.github.crdbspring.test;
