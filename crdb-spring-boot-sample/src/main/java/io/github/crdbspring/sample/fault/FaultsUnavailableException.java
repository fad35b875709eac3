package io.github.crdbspring.sample.fault;

/**
 * A fault cannot be made, since nothing stands between the pool and the database.
 */
@SuppressWarnings("serial")
public class FaultsUnavailableException extends RuntimeException {

	FaultsUnavailableException(String reason) {
		super(reason);
	}

}
