/**
 * Transactions that are run again when, and only when, that is safe: options, the
 * template with its retry loop, nesting and listeners.
 */
@NullMarked
package io.github.crdbspring.transaction;

import org.jspecify.annotations.NullMarked;
