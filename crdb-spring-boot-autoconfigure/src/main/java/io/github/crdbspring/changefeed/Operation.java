package io.github.crdbspring.changefeed;

/**
 * What has happened to a row.
 *
 * @since 0.1.0
 */
public enum Operation {

	/**
	 * The row is new. Known only with {@code before}.
	 */
	INSERT,

	/**
	 * The row was there before. Known only with {@code before}.
	 */
	UPDATE,

	/**
	 * The row is new or has changed; which of them is known only with {@code before}.
	 */
	UPSERT,

	/**
	 * The row is gone.
	 */
	DELETE

}
