/**
 * Tests for the ways in which Spring reaches the database: what each must do the same.
 */
package io.github.crdbspring.stack;
