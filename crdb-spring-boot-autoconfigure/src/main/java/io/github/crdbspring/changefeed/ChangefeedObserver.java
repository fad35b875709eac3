package io.github.crdbspring.changefeed;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Is told how listeners of changefeeds fare, for metrics. Infrastructure of this library,
 * no API for applications. Implementations are thread-safe and do not throw.
 *
 * @since 0.1.0
 */
public interface ChangefeedObserver {

	/**
	 * A container was made, whose status can be asked for from now on.
	 * @param container the container
	 */
	default void registered(CrdbChangefeedContainer container) {
	}

	/**
	 * A call of a listener begins on this thread, the retries of its transaction
	 * included.
	 * @param listener the id of the listener
	 * @param rows the number of rows
	 * @return what is told how it ends
	 */
	default Processing processing(String listener, int rows) {
		return (failure) -> {
		};
	}

	/**
	 * Rows were delivered.
	 * @param listener the id of the listener
	 * @param rows the number of rows
	 * @param lag the time from the commit to the end of the delivery
	 */
	default void delivered(String listener, int rows, Duration lag) {
	}

	/**
	 * A row was dropped because it had been delivered, or had not changed.
	 * @param listener the id of the listener
	 */
	default void duplicate(String listener) {
	}

	/**
	 * A feed is opened again.
	 * @param listener the id of the listener
	 * @param reason why, a word in lower case
	 */
	default void restarted(String listener, String reason) {
	}

	/**
	 * A call that is under way.
	 */
	@FunctionalInterface
	interface Processing {

		/**
		 * The call has ended.
		 * @param failure what it has ended with, {@code null} for a success
		 */
		void ended(@Nullable Throwable failure);

	}

}
