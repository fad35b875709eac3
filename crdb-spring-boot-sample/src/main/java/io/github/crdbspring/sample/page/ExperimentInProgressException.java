package io.github.crdbspring.sample.page;

/**
 * A fault cannot be made while another one is.
 */
@SuppressWarnings("serial")
public class ExperimentInProgressException extends RuntimeException {

	ExperimentInProgressException() {
		super("A fault is being made already");
	}

}
