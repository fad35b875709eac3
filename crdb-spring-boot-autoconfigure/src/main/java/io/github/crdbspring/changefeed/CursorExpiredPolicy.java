package io.github.crdbspring.changefeed;

/**
 * What happens when a listener cannot go on from its position, since the server has not
 * kept what came after it.
 *
 * @since 0.1.0
 */
public enum CursorExpiredPolicy {

	/**
	 * The listener fails and says what to do. Nothing is left out silently.
	 */
	FAIL,

	/**
	 * The tables are read again, after a {@link ChangefeedGapEvent}.
	 */
	RESCAN,

	/**
	 * The listener goes on from now, after a {@link ChangefeedGapEvent}.
	 */
	SKIP

}
