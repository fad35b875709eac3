/**
 * Finding out what became of transactions whose outcome is unknown.
 */
@NullMarked
package io.github.crdbspring.transaction.outcome;

import org.jspecify.annotations.NullMarked;
