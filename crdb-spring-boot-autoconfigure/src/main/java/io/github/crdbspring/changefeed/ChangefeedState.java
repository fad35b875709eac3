package io.github.crdbspring.changefeed;

/**
 * What a listener's container is doing.
 *
 * @since 0.1.0
 */
public enum ChangefeedState {

	/**
	 * It is not running.
	 */
	STOPPED,

	/**
	 * It is about to open its feed.
	 */
	STARTING,

	/**
	 * Another instance consumes, and this one is there to take over.
	 */
	STANDBY,

	/**
	 * Its feed is open.
	 */
	RUNNING,

	/**
	 * Its feed was lost, or the database cannot be reached, and it tries again.
	 */
	RECONNECTING,

	/**
	 * It was paused, by hand or because its listener has failed too often.
	 */
	PAUSED,

	/**
	 * It has given up, for a reason that does not pass by itself.
	 */
	FAILED,

	/**
	 * It has done what it was for, an initial scan and nothing more.
	 */
	COMPLETED

}
