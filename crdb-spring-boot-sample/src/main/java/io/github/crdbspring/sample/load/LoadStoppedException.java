package io.github.crdbspring.sample.load;

/**
 * A load was not run to its end, since the application is stopping.
 */
@SuppressWarnings("serial")
public class LoadStoppedException extends RuntimeException {

	LoadStoppedException() {
		super("The load was stopped: the application is shutting down");
	}

}
