package io.github.crdbspring.error;

/**
 * Marks an exception that reports how a transaction ended, so that the errors behind it
 * are no reason to run an enclosing transaction again.
 */
interface CompletedTransactionFailure {

}
