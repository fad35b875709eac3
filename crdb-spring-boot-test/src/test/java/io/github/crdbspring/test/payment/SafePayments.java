package io.github.crdbspring.test.payment;

import java.math.BigDecimal;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Does nothing in its transactions that a rollback does not undo.
 */
class SafePayments {

	private final JdbcClient jdbc;

	private final ApplicationEventPublisher events;

	SafePayments(JdbcClient jdbc, ApplicationEventPublisher events) {
		this.jdbc = jdbc;
		this.events = events;
	}

	@CrdbTransactional
	public void receive(int id) {
		this.jdbc.sql("INSERT INTO payment VALUES (?, 'EUR', ?)").params(id, BigDecimal.TEN).update();
		this.events.publishEvent(new PaymentReceived(id));
	}

	/**
	 * Is told about.
	 *
	 * @param id the payment
	 */
	record PaymentReceived(int id) {

	}

}
