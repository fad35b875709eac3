package io.github.crdbspring.sample.page;

/**
 * No further browser is served.
 */
@SuppressWarnings("serial")
public class TooManySubscribersException extends RuntimeException {

	TooManySubscribersException() {
		super("Too many pages are open, or the application is shutting down");
	}

}
