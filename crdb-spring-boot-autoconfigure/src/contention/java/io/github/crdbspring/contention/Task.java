package io.github.crdbspring.contention;

import org.jspecify.annotations.Nullable;

/**
 * One transaction.
 *
 * @param body what it does
 * @param source the id of a row that it changes
 * @param target the id of another one, or the same
 * @param label the load that it counts as, {@code null} for that of its caller
 */
record Task(TransactionBody body, long source, long target, @Nullable String label) {

}
