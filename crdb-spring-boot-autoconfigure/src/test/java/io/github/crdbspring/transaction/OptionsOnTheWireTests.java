package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.crdbspring.test.RequiresCockroach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what goes over the wire, compared with what plain Spring sends.
 */
class OptionsOnTheWireTests extends AbstractWireTests {

	@Test
	void withoutOptionsTheStatementsAreThoseOfPlainSpring() {
		List<String> plain = plain(false, (status) -> transfer());
		assertThat(plain).hasSize(4).startsWith("BEGIN").last().isEqualTo("COMMIT");
		assertThat(sent(CrdbTransactionOptions.none(), (status) -> transfer())).isEqualTo(plain);
	}

	@Test
	void withoutStatementsNothingIsSent() {
		assertThat(sent(CrdbTransactionOptions.none(), (status) -> {
		})).isEmpty();
	}

	@Test
	void aTimeoutCostsNoStatement() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().timeout(Duration.ofMinutes(1)).build();
		assertThat(sent(options, (status) -> transfer())).isEqualTo(plain(false, (status) -> transfer()));
	}

	@Test
	void whatTheServerNeedNotKnowCostsNoStatement() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder()
			.name("transfer")
			.maxAttempts(3)
			.nested(NestedTransactionPolicy.REJECT)
			.idempotent(true)
			.build();
		assertThat(sent(options, (status) -> transfer())).isEqualTo(plain(false, (status) -> transfer()));
	}

	@Test
	void readOnlyRidesWithBegin() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().readOnly(true).build();
		assertThat(sent(options, (status) -> read())).containsExactly("BEGIN READ ONLY",
				"SELECT balance FROM account WHERE id = $1", "COMMIT");
	}

	@Test
	void isolationTravelsInOneStatementWhichIsTheFirst() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().isolation(Isolation.SERIALIZABLE).build();
		verifySentFirst(options, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
	}

	static Stream<Arguments> optionsOfCockroach() {
		CrdbTransactionOptions high = CrdbTransactionOptions.builder().priority(TransactionPriority.HIGH).build();
		SystemTime recent = SystemTime.parse("-1us");
		return Stream.of(Arguments.of(high, "PRIORITY HIGH"),
				Arguments.of(CrdbTransactionOptions.builder().systemTime(recent).build(), "AS OF SYSTEM TIME '-1us'"),
				Arguments.of(high.toBuilder().systemTime(recent).build(), "PRIORITY HIGH, AS OF SYSTEM TIME '-1us'"),
				Arguments.of(high.toBuilder()
					.systemTime(recent)
					.readOnly(true)
					.isolation(Isolation.SERIALIZABLE)
					.timeout(Duration.ofMinutes(1))
					.build(), "ISOLATION LEVEL SERIALIZABLE, PRIORITY HIGH, AS OF SYSTEM TIME '-1us'"));
	}

	@ParameterizedTest
	@MethodSource("optionsOfCockroach")
	@RequiresCockroach
	void optionsTravelInOneStatementWhichIsTheFirst(CrdbTransactionOptions options, String modes) {
		verifySentFirst(options, "SET TRANSACTION " + modes);
	}

	@Test
	void eachAttemptSendsItOnce() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().isolation(Isolation.SERIALIZABLE).build();
		List<String> plain = plain(false, (status) -> {
			transfer();
			status.setRollbackOnly();
		});
		plain.addAll(plain(false, (status) -> transfer()));
		plain.add(1, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
		plain.add(6, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
		assertThat(sent(options, (status) -> {
			transfer();
			failInAttempt(1);
		})).isEqualTo(plain);
	}

	@Test
	@RequiresCockroach
	void theRetryPriorityAppliesFromTheSecondAttemptOn() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder()
			.retryPriority(TransactionPriority.HIGH)
			.build();
		String high = "SET TRANSACTION PRIORITY HIGH";
		assertThat(priorities(options)).containsExactly("BEGIN", "BEGIN", high, "BEGIN", high);
		options = options.toBuilder().priority(TransactionPriority.LOW).build();
		assertThat(priorities(options)).containsExactly("BEGIN", "SET TRANSACTION PRIORITY LOW", "BEGIN", high, "BEGIN",
				high);
	}

	@Test
	@RequiresCockroach
	void theServerCanStillRetryTheFirstStatementByItself() {
		ForceRetry.assumeAllowed(database);
		CrdbTransactionOptions options = CrdbTransactionOptions.builder()
			.priority(TransactionPriority.HIGH)
			.isolation(Isolation.SERIALIZABLE)
			.build();
		List<String> sent = sent(options, (status) -> ForceRetry.until(this.fixture.jdbc, "50ms"));
		assertThat(sent).containsExactly("BEGIN", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, PRIORITY HIGH",
				"SELECT crdb_internal.force_retry('50ms')", "COMMIT");
		assertThat(this.fixture.listener.events).containsExactly("success 1");
	}

	private void verifySentFirst(CrdbTransactionOptions options, String statement) {
		List<String> expected = plain(options.readOnly(), (status) -> read());
		expected.add(1, statement);
		assertThat(sent(options, (status) -> read())).isEqualTo(expected);
	}

	private List<String> priorities(CrdbTransactionOptions options) {
		return sent(options, (status) -> {
			read();
			failInAttempt(1);
			failInAttempt(2);
		}).stream().filter((sql) -> sql.startsWith("BEGIN") || sql.startsWith("SET")).toList();
	}

	private List<String> sent(CrdbTransactionOptions options, Consumer<TransactionStatus> action) {
		this.proxy.clear();
		this.fixture.template().executeWithoutResult(options, action);
		return statements();
	}

	private List<String> plain(boolean readOnly, Consumer<TransactionStatus> action) {
		this.proxy.clear();
		TransactionTemplate template = new TransactionTemplate(this.fixture.transactionManager);
		template.setReadOnly(readOnly);
		template.executeWithoutResult(action);
		return statements();
	}

	private List<String> statements() {
		return new ArrayList<>(this.proxy.statements());
	}

	private void read() {
		Conflicts.read(this.fixture.jdbc, 1);
	}

	private void transfer() {
		read();
		Conflicts.add(this.fixture.jdbc, 1, 1);
	}

	private static void failInAttempt(int number) {
		if (TransactionAttempt.current().orElseThrow().number() == number) {
			throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
		}
	}

}
