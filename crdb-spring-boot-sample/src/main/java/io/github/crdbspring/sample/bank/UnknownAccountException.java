package io.github.crdbspring.sample.bank;

import java.util.UUID;

/**
 * There is no such account.
 */
@SuppressWarnings("serial")
public class UnknownAccountException extends RuntimeException {

	UnknownAccountException(UUID id) {
		super("There is no account " + id);
	}

}
