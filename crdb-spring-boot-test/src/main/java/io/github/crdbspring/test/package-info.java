/**
 * What it takes to test that code survives being run again: failures that are injected,
 * what ran, a database.
 */
@NullMarked
package io.github.crdbspring.test;

import org.jspecify.annotations.NullMarked;
