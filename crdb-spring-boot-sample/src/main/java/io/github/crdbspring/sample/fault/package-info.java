/**
 * Faults that a database does not produce on demand, made between the pool and the
 * database, or by other users of it.
 */
@NullMarked
package io.github.crdbspring.sample.fault;

import org.jspecify.annotations.NullMarked;
