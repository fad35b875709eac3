/**
 * A benchmark of transactions that conflict, compiled and run in the Maven profile of
 * that name only.
 */
@NullMarked
package io.github.crdbspring.contention;

import org.jspecify.annotations.NullMarked;
