package io.github.crdbspring.url;

/**
 * Thrown for a text that is not a database URL that can be used. The message says what is
 * wrong and where, and repeats nothing of the URL, since any part of it may turn out to
 * be a piece of a badly encoded password.
 *
 * @since 0.1.0
 */
public class InvalidCrdbUrlException extends IllegalArgumentException {

	private final int position;

	/**
	 * Create a new exception.
	 * @param message what is wrong, without any part of the URL that could be secret
	 * @param position the index into the URL of the place that is wrong
	 */
	public InvalidCrdbUrlException(String message, int position) {
		super(message);
		this.position = position;
	}

	/**
	 * Return where the URL is wrong.
	 * @return an index into the text as it was given, counted from 0; the text's length
	 * if something is missing at its end
	 */
	public int getPosition() {
		return this.position;
	}

}
