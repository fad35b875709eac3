package io.github.crdbspring.transaction;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Accompanies transactions from their start to their end, as traces and meters need it;
 * whoever only wants to know how they fare implements {@link CrdbTransactionListener}.
 * Called on the transaction's thread. A transaction that joins another is a part of that,
 * and not observed on its own. Whatever an observer throws, an {@link Error} included, is
 * logged and goes no further, so that the caller learns the transaction's outcome.
 * <p>
 * Implementations have to be thread-safe.
 *
 * @since 0.1.0
 */
public interface TransactionObserver {

	/**
	 * Called when a transaction is about to begin, or to be rejected.
	 * @param options the transaction's options, with all defaults applied
	 * @return what is told the rest, {@link Observed#NOTHING} if that is nobody
	 */
	Observed start(CrdbTransactionOptions options);

	/**
	 * Called with the first transaction of a name, for each
	 * {@link CrdbTransactionTemplate}, if the number of its attempts that are under way
	 * at once is limited when they are in conflict.
	 * @param limit shows at any time what is in force, and stays the same
	 */
	default void limitable(TransactionLimit limit) {
	}

	/**
	 * One transaction that is observed. What is opened by one method can be closed by its
	 * counterpart: the calls are properly nested, also with those of other observers.
	 */
	interface Observed {

		/**
		 * Observes nothing.
		 */
		Observed NOTHING = new Observed() {
		};

		/**
		 * Called before an attempt if it had to wait for others of the same name to end,
		 * whether it begins thereafter, or was not admitted within the timeout.
		 * @param next the attempt
		 * @param time how long it waited
		 */
		default void waited(TransactionAttempt next, Duration time) {
		}

		/**
		 * Called before an attempt, for which there is no transaction yet.
		 * @param attempt the attempt
		 */
		default void attemptStarted(TransactionAttempt attempt) {
		}

		/**
		 * Called after an attempt, and before {@link #attemptEnded}, if the answer to its
		 * COMMIT did not tell its outcome, and that was to be found out.
		 * @param attempt the attempt
		 * @param outcome what was found out, {@code AMBIGUOUS} if it is still unknown
		 * @param time how long it took
		 */
		default void resolved(TransactionAttempt attempt, TransactionOutcome outcome, Duration time) {
		}

		/**
		 * Called after an attempt, when its transaction has ended.
		 * @param attempt the attempt
		 * @param outcome how its transaction ended
		 * @param failure why it failed, {@code null} if it did not
		 */
		default void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome, @Nullable Throwable failure) {
		}

		/**
		 * Called before the pause that precedes another attempt.
		 * @param failed the attempt that failed
		 * @param failure why it failed
		 * @param backoff the pause before the next attempt
		 */
		default void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		}

		/**
		 * Called last. A transaction may be committed and have a failure: that of a
		 * callback after the commit.
		 * @param last the last attempt, {@code null} if there was none
		 * @param outcome how the transaction ended
		 * @param failure what the caller gets, {@code null} if it gets a result
		 */
		default void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
		}

	}

}
