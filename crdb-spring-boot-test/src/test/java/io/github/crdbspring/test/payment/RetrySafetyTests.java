package io.github.crdbspring.test.payment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.RetrySafety;
import io.github.crdbspring.test.RetrySafetyFinding;
import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.test.RetrySafetyReport;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mail.MailSender;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RetrySafety}.
 */
@CrdbTest(keepTables = "currency")
@Import({ SafePayments.class, UnsafePayments.class, RetrySafetyTests.Configuration.class })
class RetrySafetyTests {

	@Autowired
	private SafePayments safePayments;

	@Autowired
	private UnsafePayments unsafePayments;

	@Autowired
	private CrdbTransactionTemplate template;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private TransactionAttempts attempts;

	@MockitoBean
	private Ledger ledger;

	private int counter;

	@Test
	void namesEachThingThatHappenedTwice() {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> RetrySafety.check(() -> this.unsafePayments.receive(1)))
			.satisfies((ex) -> assertThat(withoutTimes(ex.getMessage()))
				.isSubstringOf(withoutTimes(Files.readString(Path.of("../docs/testing.md"))))
				.isEqualTo(
						"""
								Transaction 'UnsafePayments.receive' is not safe to be run again. An attempt was rolled back at COMMIT, and this was not undone, so that it happened twice:

								  - called PaperMail.send(SimpleMailMessage: from=null; replyTo=null; to=payer@example.com; cc=; bcc=; sen…) (in attempt 1, again in attempt 2)
								  - requested POST https://bank.example.com/payments/1 (in attempt 1, again in attempt 2)
								  - published PaymentReceived: PaymentReceived[id=1] (in attempt 1, again in attempt 2)
								  - in memory UnsafePayments.received: 0 elements before, 1 element after the rollback

								Transaction 'UnsafePayments.receive' differs from attempt to attempt, which is no fault unless something is made of it:

								  - clock was read (in attempt 1, again in attempt 2)
								  - sequence receipt_number: not used before, 1 after the rollback
								  - statement INSERT INTO payment VALUES (('1'::int4), 'EUR', ('10'::numeric), ('(time)'::timestamp with time zone)) (in attempt 2: INSERT INTO payment VALUES (('1'::int4), 'EUR', ('10'::numeric), ('(time)'::timestamp with time zone)))

								Do what a rollback does not undo after the commit: behind the call, or in a @TransactionalEventListener; or write it to a table (an outbox) in the transaction."""));
	}

	/**
	 * Leave out what differs from run to run, and from server to server.
	 */
	private static String withoutTimes(String text) {
		return text.replaceAll("'20[-0-9:.+ ]+'", "'(time)'")
			.replace("receipt_number: 0 before", "receipt_number: not used before");
	}

	@Test
	void aSafeMethodIsSafe() throws Exception {
		RetrySafetyReport report = RetrySafety.report(() -> this.safePayments.receive(2));
		assertThat(report.findings()).isEmpty();
		assertThat(report.isSafe()).isTrue();
		assertThat(report).hasToString("Safe to be run again: an attempt was rolled back, and left nothing behind.");
		assertThat(this.attempts).transaction("SafePayments.receive").hasAttempts(2).committed();
		assertThat(this.jdbc.sql("SELECT count(*) FROM payment").query(Integer.class).single()).isOne();
	}

	@Test
	void seesWhatTheActionRefersTo() throws Exception {
		List<String> log = new ArrayList<>();
		AtomicInteger count = new AtomicInteger();
		log.add("before");
		RetrySafetyReport report = RetrySafety.report(() -> {
			log.add("outside of the transaction");
			this.template.executeWithoutResult((status) -> {
				this.jdbc.sql("SELECT 1").query().singleValue();
				log.add("inside");
				count.incrementAndGet();
				this.counter++;
			});
			log.add("after the transaction");
		});
		assertThat(report.findings()).extracting((finding) -> finding.kind() + " " + finding.description())
			.containsExactlyInAnyOrder("MEMORY List of the action: 2 elements before, 3 elements after the rollback",
					"MEMORY AtomicInteger of the action: 0 before, 1 after the rollback",
					"MEMORY RetrySafetyTests.counter: 0 before, 1 after the rollback");
	}

	@Test
	void seesCallsOfMocks() throws Exception {
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT 1").query().singleValue();
			this.ledger.write("entry");
		}));
		assertThat(report.isSafe()).isFalse();
		assertThat(report.toString()).contains("ledger: 0 calls before, 1 call (write) after the rollback");
	}

	@Test
	void seesWhatAnotherTransactionHasWritten() throws Exception {
		int[] next = { 0 };
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT 1").query().singleValue();
			insertElsewhere(++next[0]);
		}));
		assertThat(report.findings()).anySatisfy((finding) -> {
			assertThat(finding.kind()).isEqualTo(Kind.TABLE);
			assertThat(finding.description())
				.isEqualTo("audit: 1 rows that were not there before, 0 that are gone or changed");
		});
	}

	@Test
	void seesWhatWasChangedBeforeAnotherThreadTookAConnection() throws Exception {
		int[] next = { 10 };
		AtomicInteger count = new AtomicInteger();
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT 1").query().singleValue();
			count.incrementAndGet();
			insertElsewhere(++next[0]);
		}));
		assertThat(report.findings()).extracting(RetrySafetyFinding::description)
			.contains("AtomicInteger of the action: 0 before, 1 after the rollback");
	}

	private void insertElsewhere(int id) {
		Thread thread = new Thread(() -> this.jdbc.sql("INSERT INTO audit VALUES (?)").param(id).update());
		thread.start();
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void anActionWithoutATransactionShowsNothing() {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> RetrySafety.check(() -> {
		})).withMessageStartingWith("There was no transaction that could be run again, so that nothing was checked.");
	}

	/**
	 * What reaches out.
	 */
	@TestConfiguration(proxyBeanMethods = false)
	static class Configuration {

		@Bean
		MailSender mailSender() {
			return new PaperMail();
		}

		@Bean
		RestClient bank() {
			ClientHttpRequestFactory requests = (uri, method) -> {
				MockClientHttpRequest request = new MockClientHttpRequest(HttpMethod.POST, uri);
				request.setResponse(new MockClientHttpResponse(new byte[0], HttpStatus.OK));
				return request;
			};
			return RestClient.builder().requestFactory(requests).baseUrl("https://bank.example.com").build();
		}

		@Bean
		Clock clock() {
			return Clock.systemUTC();
		}

		@Bean
		Listeners listeners() {
			return new Listeners();
		}

	}

	/**
	 * Sends nothing.
	 */
	static class PaperMail implements MailSender {

		@Override
		public void send(SimpleMailMessage... messages) {
		}

	}

	/**
	 * One that waits for the commit, and one that does not.
	 */
	static class Listeners {

		@EventListener
		void received(UnsafePayments.PaymentReceived event) {
		}

		@TransactionalEventListener
		void received(SafePayments.PaymentReceived event) {
		}

	}

	/**
	 * Is mocked.
	 */
	interface Ledger {

		void write(String entry);

	}

}
