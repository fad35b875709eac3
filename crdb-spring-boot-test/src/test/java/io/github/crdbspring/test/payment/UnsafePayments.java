package io.github.crdbspring.test.payment;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mail.MailSender;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.web.client.RestClient;

/**
 * Does in its transaction what a rollback does not undo.
 */
class UnsafePayments {

	private final JdbcClient jdbc;

	private final MailSender mailSender;

	private final RestClient bank;

	private final ApplicationEventPublisher events;

	private final Clock clock;

	private final List<Integer> received = new ArrayList<>();

	UnsafePayments(JdbcClient jdbc, MailSender mailSender, RestClient bank, ApplicationEventPublisher events,
			Clock clock) {
		this.jdbc = jdbc;
		this.mailSender = mailSender;
		this.bank = bank;
		this.events = events;
		this.clock = clock;
	}

	@CrdbTransactional
	public void receive(int id) {
		long receipt = this.jdbc.sql("SELECT nextval('receipt_number')").query(Long.class).single();
		this.jdbc.sql("INSERT INTO payment VALUES (?, 'EUR', ?, ?)")
			.params(id, BigDecimal.TEN, OffsetDateTime.now(this.clock))
			.update();
		this.received.add(id);
		SimpleMailMessage mail = new SimpleMailMessage();
		mail.setTo("payer@example.com");
		mail.setSubject("Receipt " + receipt);
		this.mailSender.send(mail);
		this.bank.post().uri("/payments/" + id).retrieve().toBodilessEntity();
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
