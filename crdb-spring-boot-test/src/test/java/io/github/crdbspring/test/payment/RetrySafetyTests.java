package io.github.crdbspring.test.payment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.RetrySafety;
import io.github.crdbspring.test.RetrySafetyFinding;
import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.test.RetrySafetyReport;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
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
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
	private MailSender mailSender;

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

								  - called PaperMail.send(SimpleMailMessage: from=null; replyTo=null; to=payer@example.com; cc=; bcc=; sen…) (in attempt 1, again in attempt 2; without the failure once)
								  - requested POST https://bank.example.com/payments/1 (in attempt 1, again in attempt 2; without the failure once)
								  - published PaymentReceived: PaymentReceived[id=1] (in attempt 1, again in attempt 2; without the failure once)
								  - in memory UnsafePayments.received: 0 elements before, 1 element after the rollback (in the end +2, without the failure +1)

								Transaction 'UnsafePayments.receive' differs from attempt to attempt, which is no fault unless something is made of it:

								  - clock was read (in attempt 1, again in attempt 2; without the failure once)
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
		assertThat(this.attempts).transaction("SafePayments.receive").hasCalls(2).hasAttempts(3).committed();
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
			.containsExactlyInAnyOrder(
					"MEMORY List of the action: 2 elements before, 3 elements after the rollback (in the end +4, without the failure +3)",
					"MEMORY AtomicInteger of the action: 0 before, 1 after the rollback (in the end +2, without the failure +1)",
					"MEMORY RetrySafetyTests.counter: 0 before, 1 after the rollback (in the end +2, without the failure +1)");
	}

	@Test
	void seesCallsOfMocks() throws Exception {
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT 1").query().singleValue();
			this.ledger.write("entry");
		}));
		assertThat(report.isSafe()).isFalse();
		assertThat(report.toString()).contains(
				"ledger: 0 calls before, 1 call (write) after the rollback (in the end +2, without the failure +1)");
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
			assertThat(finding.description()).isEqualTo(
					"audit: 1 row more after the rollback (in the end 2 rows more, without the failure 1 row more)");
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
			.contains(
					"AtomicInteger of the action: 0 before, 1 after the rollback (in the end +2, without the failure +1)");
	}

	@Test
	void whatComesToTheSameInTheEndDidNotHappenTwice() throws Exception {
		Set<Integer> known = new HashSet<>();
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("SELECT 1").query().singleValue();
			known.add(1);
			elsewhere("INSERT INTO audit VALUES (1) ON CONFLICT (id) DO NOTHING");
		}));
		assertThat(report.findings()).as(report.toString()).isEmpty();
	}

	@Test
	void seesWhatIsDoneOnlyIfThereIsAFailure() throws Exception {
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("INSERT INTO payment VALUES (1, 'EUR', 1)").update();
			if (TransactionAttempt.current().orElseThrow().number() > 1) {
				this.jdbc.sql("INSERT INTO audit VALUES (1, 1)").update();
				this.mailSender.send(new SimpleMailMessage());
			}
		}));
		assertThat(report.isSafe()).isFalse();
		assertThat(report.findings()).hasSize(2);
		assertThat(report.toString()).contains("audit: 1 row more, without the failure no row more")
			.contains("(in attempt 2; without the failure never)");
	}

	@Test
	void rowsAreAsAfterASingleRun() throws Exception {
		this.jdbc.sql("INSERT INTO payment VALUES (1, 'EUR', 10, '2026-01-01 00:00:00Z'), (2, 'EUR', 20, NULL)")
			.update();
		this.jdbc.sql("INSERT INTO audit VALUES (1, 1), (2, 2)").update();
		RetrySafety.check(() -> this.template.executeWithoutResult((status) -> {
			this.jdbc.sql("DELETE FROM audit WHERE payment = 2").update();
			this.jdbc.sql("DELETE FROM payment WHERE id = 2").update();
			this.jdbc.sql("UPDATE payment SET amount = amount + 1 WHERE id = 1").update();
			this.jdbc.sql("INSERT INTO payment VALUES (3, 'EUR', 30)").update();
			this.jdbc.sql("INSERT INTO audit VALUES (3, 3)").update();
		}));
		assertThat(this.jdbc.sql("SELECT id, amount FROM payment ORDER BY id")
			.query((row, number) -> row.getInt(1) + ": " + row.getBigDecimal(2))
			.list()).containsExactly("1: 11.00", "3: 30.00");
		assertThat(this.jdbc.sql("SELECT id FROM audit ORDER BY id").query(Integer.class).list()).containsExactly(1, 3);
	}

	@Test
	void anActionThatCannotRunTwiceIsExplained() {
		AtomicInteger calls = new AtomicInteger();
		assertThatIllegalStateException().isThrownBy(() -> RetrySafety.check(() -> {
			this.safePayments.receive(1);
			if (calls.incrementAndGet() > 1) {
				throw new IllegalStateException("Only once");
			}
		}))
			.withMessage("Only once")
			.satisfies((ex) -> assertThat(ex.getSuppressed()[0]).hasMessageContaining("the run without failures"));
	}

	private void insertElsewhere(int id) {
		elsewhere("INSERT INTO audit VALUES (" + id + ")");
	}

	private void elsewhere(String sql) {
		Thread thread = new Thread(() -> this.jdbc.sql(sql).update());
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
