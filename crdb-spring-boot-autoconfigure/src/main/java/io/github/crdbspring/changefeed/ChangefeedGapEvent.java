package io.github.crdbspring.changefeed;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * Published as an application event when there was a time in which a listener was not
 * told of changes. What was derived from them, such as a cache, should be made anew.
 *
 * @param listener the id of the listener
 * @param from the time up to which it was told of everything
 * @param to the time from which on it is told again; {@code null} if that is not known
 * yet
 * @param reason why there is a gap
 * @since 0.1.0
 */
public record ChangefeedGapEvent(String listener, BigDecimal from, @Nullable BigDecimal to, Reason reason) {

	/**
	 * Why there is a gap.
	 */
	public enum Reason {

		/**
		 * A listener with {@code exclusive = false} was not connected for a while. The
		 * changes of that time follow, but late.
		 */
		DISCONNECTED,

		/**
		 * The changes of that time are lost, and the tables are read again.
		 */
		RESCAN,

		/**
		 * The changes of that time are lost.
		 */
		SKIP

	}

}
