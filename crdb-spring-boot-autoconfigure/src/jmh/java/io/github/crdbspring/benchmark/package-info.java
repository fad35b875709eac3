/**
 * Benchmarks, compiled and run in the Maven profile of that name only.
 */
@NullMarked
package io.github.crdbspring.benchmark;

import org.jspecify.annotations.NullMarked;
