package io.github.crdbspring.transaction;

import java.time.Duration;

/**
 * Is told how transactions fare. Called on the transaction's thread, while no transaction
 * is active; not called for a transaction that joins another. Whatever it throws, an
 * {@link Error} included, is logged and goes no further, so that the caller learns the
 * transaction's outcome.
 * <p>
 * Implementations have to be thread-safe.
 *
 * @since 0.1.0
 */
public interface CrdbTransactionListener {

	/**
	 * Called before the pause that precedes another attempt.
	 * @param failed the attempt that failed
	 * @param failure why it failed
	 * @param backoff the pause before the next attempt
	 */
	default void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
	}

	/**
	 * Called when the transaction has been completed as its callback wished.
	 * @param last the attempt that succeeded
	 */
	default void onSuccess(TransactionAttempt last) {
	}

	/**
	 * Called when the transaction is given up, cannot be retried, or has an unknown
	 * outcome.
	 * @param last the last attempt
	 * @param failure what the caller gets
	 */
	default void onFailure(TransactionAttempt last, Throwable failure) {
	}

}
