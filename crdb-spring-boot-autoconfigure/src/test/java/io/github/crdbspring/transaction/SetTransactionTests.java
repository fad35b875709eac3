package io.github.crdbspring.transaction;

import java.time.Duration;

import io.github.crdbspring.transaction.CrdbTransactionOptions.Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.transaction.annotation.Isolation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SetTransaction}.
 */
class SetTransactionTests {

	private final Builder options = CrdbTransactionOptions.builder();

	@Test
	void withoutOptionsThereIsNoStatement() {
		assertThat(SetTransaction.render(CrdbTransactionOptions.none(), 1)).isNull();
		assertThat(SetTransaction.render(CrdbTransactionOptions.none(), 2)).isNull();
	}

	@Test
	void whatTheServerNeedsNotKnowIsNotSent() {
		CrdbTransactionOptions options = this.options.name("transfer")
			.maxAttempts(3)
			.readOnly(true)
			.nested(NestedTransactionPolicy.REJECT)
			.idempotent(true)
			.build();
		assertThat(SetTransaction.render(options, 1)).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "LOW, SET TRANSACTION PRIORITY LOW", "NORMAL, SET TRANSACTION PRIORITY NORMAL",
			"HIGH, SET TRANSACTION PRIORITY HIGH" })
	void aPriorityIsNamed(TransactionPriority priority, String statement) {
		assertThat(SetTransaction.render(this.options.priority(priority).build(), 1)).isEqualTo(statement);
	}

	@ParameterizedTest
	@CsvSource({ "READ_UNCOMMITTED, SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
			"READ_COMMITTED, SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
			"REPEATABLE_READ, SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
			"SERIALIZABLE, SET TRANSACTION ISOLATION LEVEL SERIALIZABLE" })
	void anIsolationLevelIsSpelledOut(Isolation isolation, String statement) {
		assertThat(SetTransaction.render(this.options.isolation(isolation).build(), 1)).isEqualTo(statement);
	}

	@Test
	void aSystemTimeIsRendered() {
		assertThat(SetTransaction.render(this.options.systemTime(SystemTime.parse("-1m30s")).build(), 1))
			.isEqualTo("SET TRANSACTION AS OF SYSTEM TIME '-90s'");
	}

	@Test
	void allOptionsGoIntoOneStatement() {
		CrdbTransactionOptions options = this.options.systemTime(SystemTime.followerRead())
			.priority(TransactionPriority.HIGH)
			.isolation(Isolation.SERIALIZABLE)
			.build();
		assertThat(SetTransaction.render(options, 1)).isEqualTo(
				"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, PRIORITY HIGH, AS OF SYSTEM TIME follower_read_timestamp()");
	}

	@Test
	void sessionVariablesFollowInStatementsOfTheirOwn() {
		this.options.qualityOfService(QualityOfService.BACKGROUND);
		assertThat(SetTransaction.render(this.options.build(), 1))
			.isEqualTo("SET LOCAL default_transaction_quality_of_service = background");
		this.options.lockTimeout(Duration.ofMillis(1500)).priority(TransactionPriority.LOW);
		assertThat(SetTransaction.render(this.options.build(), 2)).isEqualTo("SET TRANSACTION PRIORITY LOW; "
				+ "SET LOCAL default_transaction_quality_of_service = background; SET LOCAL lock_timeout = '1500ms'");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "none", textBlock = """
			DEFAULT, DEFAULT, 1, none
			DEFAULT, DEFAULT, 2, none
			DEFAULT, HIGH,    1, none
			DEFAULT, HIGH,    2, SET TRANSACTION PRIORITY HIGH
			DEFAULT, HIGH,    3, SET TRANSACTION PRIORITY HIGH
			LOW,     DEFAULT, 1, SET TRANSACTION PRIORITY LOW
			LOW,     DEFAULT, 2, SET TRANSACTION PRIORITY LOW
			LOW,     HIGH,    1, SET TRANSACTION PRIORITY LOW
			LOW,     HIGH,    2, SET TRANSACTION PRIORITY HIGH
			LOW,     HIGH,    9, SET TRANSACTION PRIORITY HIGH
			HIGH,    NORMAL,  2, SET TRANSACTION PRIORITY NORMAL
			""")
	void theRetryPriorityHoldsFromTheSecondAttemptOn(TransactionPriority priority, TransactionPriority retryPriority,
			int attempt, String statement) {
		CrdbTransactionOptions options = this.options.priority(priority).retryPriority(retryPriority).build();
		assertThat(SetTransaction.render(options, attempt)).isEqualTo(statement);
	}

}
