package io.github.crdbspring.changefeed;

import java.util.List;

import org.springframework.util.Assert;

/**
 * Decides what happens after a listener method has failed: not with a conflict, after
 * which it is called again in any case, but with an exception of its own, or one that was
 * left when transactions were not run again any more. Nothing of what the method wrote is
 * committed then. Implementations are thread-safe.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ChangefeedErrorHandler {

	/**
	 * How often a listener is tried by default.
	 */
	int DEFAULT_TRIES = 10;

	/**
	 * Decide what happens.
	 * @param failure what has failed, and how often
	 * @return what to do
	 */
	Decision handle(Failure failure);

	/**
	 * Pause the listener after ten tries.
	 * @return a new error handler
	 */
	static ChangefeedErrorHandler pause() {
		return after(DEFAULT_TRIES, Decision.PAUSE);
	}

	/**
	 * Stop the listener after ten tries. Another instance takes over.
	 * @return a new error handler
	 */
	static ChangefeedErrorHandler stop() {
		return after(DEFAULT_TRIES, Decision.STOP);
	}

	/**
	 * Leave the rows out after ten tries, with an ERROR in the log.
	 * @return a new error handler
	 */
	static ChangefeedErrorHandler skip() {
		return after(DEFAULT_TRIES, Decision.SKIP);
	}

	/**
	 * Put the rows into the table {@code crdb_changefeed_dead_letter} after ten tries, in
	 * the transaction that goes past them.
	 * @return a new error handler
	 */
	static ChangefeedErrorHandler deadLetter() {
		return after(DEFAULT_TRIES, Decision.DEAD_LETTER);
	}

	/**
	 * Try a number of times, and then do something else.
	 * @param tries how often to call the listener for the same rows
	 * @param decision what to do then
	 * @return a new error handler
	 */
	static ChangefeedErrorHandler after(int tries, Decision decision) {
		Assert.isTrue(tries > 0, () -> "'tries' must be at least 1, but is " + tries);
		Assert.isTrue(decision != Decision.RETRY, "'decision' must not be RETRY, which would never end");
		return (failure) -> (failure.tries() < tries) ? Decision.RETRY : decision;
	}

	/**
	 * What to do after a failure.
	 */
	enum Decision {

		/**
		 * Call the listener again, after a pause.
		 */
		RETRY,

		/**
		 * Stay before these rows until somebody resumes the listener.
		 */
		PAUSE,

		/**
		 * End the listener on this instance.
		 */
		STOP,

		/**
		 * Leave these rows out.
		 */
		SKIP,

		/**
		 * Put these rows aside, into a table, and go on.
		 */
		DEAD_LETTER

	}

	/**
	 * What has failed.
	 *
	 * @param listener the id of the listener
	 * @param tables the tables that the rows are of
	 * @param rows the number of rows that the call was for
	 * @param exception what the listener has thrown
	 * @param tries how often it has been called for these rows
	 */
	record Failure(String listener, List<String> tables, int rows, Throwable exception, int tries) {

	}

}
