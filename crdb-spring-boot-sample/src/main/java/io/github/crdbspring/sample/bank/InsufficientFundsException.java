package io.github.crdbspring.sample.bank;

import java.math.BigDecimal;
import java.util.UUID;

/**
 * The account does not have the money.
 */
@SuppressWarnings("serial")
public class InsufficientFundsException extends RuntimeException {

	InsufficientFundsException(UUID id, BigDecimal balance, BigDecimal amount) {
		super("Account " + id + " has " + balance + ", which does not cover " + amount);
	}

}
