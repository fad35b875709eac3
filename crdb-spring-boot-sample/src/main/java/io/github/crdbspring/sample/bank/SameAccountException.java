package io.github.crdbspring.sample.bank;

import java.util.UUID;

/**
 * Both ends of a transfer are the same account.
 */
@SuppressWarnings("serial")
public class SameAccountException extends RuntimeException {

	SameAccountException(UUID id) {
		super("A transfer is between two accounts, but both are " + id);
	}

}
