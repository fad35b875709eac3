package io.github.crdbspring.transaction.statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionFixture;
import io.github.crdbspring.transaction.TransactionNames;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import io.github.crdbspring.transaction.statistics.TransactionStatistics.Summary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DuplicateKeyException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TransactionStatistics}.
 */
@DatabaseTest
class TransactionStatisticsTests {

	private final TransactionStatistics statistics = new TransactionStatistics();

	private TransactionFixture fixture;

	private Conflicts conflicts;

	private CrdbTransactionTemplate template;

	@BeforeEach
	void createTemplate(TestDatabase database) {
		this.conflicts = new Conflicts(database);
		this.fixture = new TransactionFixture(database.dataSource());
		this.template = this.fixture.template(CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder().observers(List.of(this.statistics)).build());
	}

	@Test
	void countsOutcomesRetriesAndAttempts() {
		this.template.executeWithoutResult(named("transfer"), (status) -> {
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() < 3) {
				this.conflicts.lostUpdate(1);
			}
			assertThat(balance).isPositive();
			Conflicts.add(this.fixture.jdbc, 1, -10);
		});
		this.template.executeWithoutResult(named("transfer"), (status) -> Conflicts.add(this.fixture.jdbc, 1, 1));
		Summary summary = this.statistics.summaries().get("transfer");
		assertThat(summary.outcomes()).containsEntry(TransactionOutcome.COMMITTED, 2L)
			.containsEntry(TransactionOutcome.ROLLED_BACK, 0L);
		assertThat(summary.retries()).isEqualTo(2);
		assertThat(summary.attempts()).containsEntry("1", 1L).containsEntry("3", 1L).containsEntry("2", 0L);
		assertThat(summary.lastFailure().sqlState()).isEqualTo("40001");
		assertThat(summary.lastFailure().time()).isBetween(Instant.now().minusSeconds(60), Instant.now());
	}

	@Test
	void remembersTheLastFailureWithoutItsData() {
		assertThatExceptionOfType(DuplicateKeyException.class)
			.isThrownBy(() -> this.template.executeWithoutResult(named("open"),
					(status) -> this.fixture.jdbc.sql("INSERT INTO account VALUES (1, 4711)").update()));
		Summary summary = this.statistics.summaries().get("open");
		assertThat(summary.outcomes()).containsEntry(TransactionOutcome.ROLLED_BACK, 1L);
		assertThat(summary.lastFailure().sqlState()).isEqualTo("23505");
		assertThat(summary.lastFailure().exception()).isEqualTo(DuplicateKeyException.class.getName());
		assertThat(summary.toString()).doesNotContain("4711", "INSERT", "account");
	}

	@Test
	void showsLimitsWhileTheyAreInForce() {
		this.template.executeWithoutResult(named("transfer"), (status) -> Conflicts.add(this.fixture.jdbc, 1, 1));
		assertThat(this.statistics.summaries().get("transfer").limits()).isEmpty();
		CrdbTransactionTemplate limited = this.fixture.template(CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder()
					.observers(List.of(this.statistics))
					.contention(new ContentionSettings(0.25, 0.5, 0, Duration.ofSeconds(1), null))
					.build());
		limited.executeWithoutResult(named("transfer"), (status) -> {
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				this.conflicts.lostUpdate(1);
			}
			assertThat(this.statistics.summaries().get("transfer").limits()).hasSize(this.fixture.attempt() - 1);
			Conflicts.add(this.fixture.jdbc, 1, balance);
		});
		assertThat(this.statistics.summaries().get("transfer").limits())
			.containsExactly(new TransactionStatistics.Limit(1, 0, 0, 0));
	}

	@Test
	void manyAttemptsShareAClassOfTheHistogram() {
		TransactionStatistics counted = new TransactionStatistics();
		for (int number = 1; number <= 12; number++) {
			TransactionAttempt last = TransactionFixture.attempt(named("any"), number);
			counted.start(named("any")).ended(last, TransactionOutcome.COMMITTED, null);
		}
		assertThat(counted.summaries().get("any").attempts().toString())
			.isEqualTo("{1=1, 2=1, 3=1, 4=1, 5-9=5, 10+=3}");
	}

	@Test
	void itsMemoryIsBounded() {
		for (int i = 0; i < 2_000; i++) {
			this.statistics.start(named("computed-" + i)).ended(null, TransactionOutcome.REJECTED, null);
		}
		this.statistics.start(named(""))
			.retry(TransactionFixture.attempt(named(""), 1), new IllegalStateException(), Duration.ZERO);
		assertThat(this.statistics.summaries()).hasSize(TransactionNames.LIMIT + 2)
			.containsKey("unnamed")
			.hasEntrySatisfying("other", (summary) -> assertThat(summary.outcomes())
				.containsEntry(TransactionOutcome.REJECTED, 2_000L - TransactionNames.LIMIT));
	}

	private static CrdbTransactionOptions named(String name) {
		return CrdbTransactionOptions.builder().name(name).build();
	}

}
