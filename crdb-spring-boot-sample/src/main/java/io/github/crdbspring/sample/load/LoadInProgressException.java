package io.github.crdbspring.sample.load;

/**
 * A load cannot be run while another one is.
 */
@SuppressWarnings("serial")
public class LoadInProgressException extends RuntimeException {

	/**
	 * Create a new exception.
	 */
	public LoadInProgressException() {
		super("A load is in progress already");
	}

}
