package io.github.crdbspring.metrics;

import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionLimit;
import io.github.crdbspring.transaction.TransactionNames;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MeterTransactionObserver}, with real conflicts.
 */
@DatabaseTest
class MeterTransactionObserverTests {

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final MeterTransactionObserver observer = new MeterTransactionObserver(this.registry);

	private TestDatabase database;

	private OutcomeScenario scenario;

	@BeforeEach
	void createScenario(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.scenario = new OutcomeScenario(testDatabase, this.observer);
	}

	@AfterEach
	void closeScenario() throws Exception {
		this.scenario.close();
	}

	@Test
	void aTransactionIsCountedByNameAndOutcomeWithItsDuration() {
		this.scenario.run((status) -> pass(20));
		assertThat(duration("committed").count()).isOne();
		assertThat(duration("committed").totalTime(TimeUnit.MILLISECONDS)).isBetween(20.0, 20_000.0);
		assertThat(attempts().count()).isOne();
		assertThat(attempts().totalAmount()).isEqualTo(1);
		assertThat(this.registry.find("crdb.transaction.retries").meters()).isEmpty();
	}

	@Test
	void aConflictInAStatementIsARetryWithItsReason() {
		this.scenario.conflictInStatement();
		assertThat(duration("committed").count()).isOne();
		assertThat(attempts().totalAmount()).isEqualTo(2);
		assertThat(retries("40001", this.database.isCockroach() ? "RETRY_WRITE_TOO_OLD" : "OTHER").count()).isOne();
		assertThat(backoff().count()).isOne();
		assertThat(backoff().totalTime(TimeUnit.NANOSECONDS)).isEqualTo(OutcomeScenario.PAUSE.toNanos());
	}

	@Test
	void aConflictAtCommitIsARetryWithItsReason() {
		this.scenario.conflictAtCommit();
		assertThat(duration("committed").count()).isOne();
		assertThat(attempts().totalAmount()).isEqualTo(2);
		assertThat(retries("40001", this.database.isCockroach() ? "RETRY_SERIALIZABLE" : "OTHER").count()).isOne();
	}

	@Test
	void aLostConnectionIsARetryWithItsReason() {
		this.scenario.connectionLost();
		assertThat(duration("committed").count()).isOne();
		assertThat(retries("08006", "CONNECTION_LOST").count()).isOne();
	}

	@Test
	void aRollbackIsCounted() {
		this.scenario.rolledBack();
		assertOnly("rolled_back");
		assertThat(attempts().totalAmount()).isEqualTo(1);
	}

	@Test
	void exhaustedAttemptsAreCounted() {
		this.scenario.exhausted();
		assertOnly("exhausted");
		assertThat(attempts().totalAmount()).isEqualTo(2);
		assertThat(retries().count()).isOne();
	}

	@Test
	void aDeadlineIsCounted() {
		this.scenario.deadline();
		assertOnly("deadline");
		assertThat(backoff().count()).isZero();
	}

	@Test
	void anUnknownOutcomeIsCounted() {
		this.scenario.ambiguous();
		assertOnly("ambiguous");
	}

	@Test
	void aRejectionIsCountedAndHasNoAttempt() {
		this.scenario.rejected();
		assertThat(duration("rejected").count()).isOne();
		assertThat(duration("rejected").totalTime(TimeUnit.NANOSECONDS)).isZero();
		assertThat(duration("committed").count()).isOne();
		assertThat(attempts().count()).isOne();
	}

	@Test
	void aJoinedTransactionIsNotCountedTwice() {
		this.scenario.joined();
		assertOnly("committed");
		assertThat(attempts().count()).isOne();
	}

	@Test
	void metersAreThereBeforeTheirOutcome() {
		this.scenario.committed();
		assertThat(this.registry.find("crdb.transaction.duration").timers())
			.extracting((timer) -> timer.getId().getTag("outcome"))
			.containsExactlyInAnyOrder("committed", "rolled_back", "exhausted", "deadline", "ambiguous", "rejected");
	}

	@Test
	void allMetersAreBelowOneNameAndDescribed() throws Exception {
		this.scenario.all();
		String documentation = Files.readString(Path.of("..", "docs", "metrics.md"));
		assertThat(this.registry.getMeters()).isNotEmpty().allSatisfy((meter) -> {
			assertThat(meter.getId().getName()).startsWith("crdb.transaction.");
			assertThat(meter.getId().getTag("name")).isEqualTo("transfer");
			assertThat(meter.getId().getDescription()).isNotBlank();
			assertThat(meter.getId().getBaseUnit()).isNotBlank();
			assertThat(documentation).contains("| `" + meter.getId().getName() + "` |");
			assertThat(meter.getId().getTags())
				.allSatisfy((tag) -> assertThat(documentation).contains("`" + tag.getKey() + "`"));
		});
	}

	@Test
	void aLimitIsShownWhileItIsInForce() {
		this.scenario.committed();
		assertThat(gauge("limit")).isNaN();
		assertThat(gauge("waiting")).isZero();
		StubLimit first = new StubLimit(4.5, 7, 0);
		StubLimit second = new StubLimit(2.25, 2, 3);
		StubLimit none = new StubLimit(Double.NaN, 0, 0);
		for (StubLimit limit : new StubLimit[] { none, first, second }) {
			this.observer.limitable(limit);
		}
		assertThat(gauge("limit")).isEqualTo(2.25);
		assertThat(gauge("limit.keys")).isEqualTo(3);
		assertThat(gauge("waiting")).isEqualTo(9);
		// They live as long as their templates
		Reference.reachabilityFence(first);
		Reference.reachabilityFence(second);
		Reference.reachabilityFence(none);
	}

	@Test
	void timeWaitedIsRecorded() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("transfer").build();
		this.scenario.run((status) -> this.observer.start(options)
			.waited(TransactionAttempt.current().orElseThrow(), Duration.ofMillis(3)));
		Timer wait = this.registry.get("crdb.transaction.wait").tag("name", "transfer").timer();
		assertThat(wait.count()).isOne();
		assertThat(wait.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(3);
	}

	@Test
	void withoutANameATransactionIsUnnamed() {
		this.observer.start(CrdbTransactionOptions.none());
		assertThat(this.registry.getMeters()).extracting((meter) -> meter.getId().getTag("name"))
			.containsOnly("unnamed");
	}

	@Test
	void metersAreLookedUpOnce() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().name("transfer").build();
		assertThat(this.observer.start(options)).isSameAs(this.observer.start(options));
	}

	@Test
	void computedNamesHaveALimit() {
		for (int i = 0; i < TransactionNames.LIMIT + 100; i++) {
			this.observer.start(CrdbTransactionOptions.builder().name("transfer" + i).build());
		}
		assertThat(this.registry.find("crdb.transaction.attempts").summaries()).hasSize(TransactionNames.LIMIT + 1)
			.extracting(Meter::getId)
			.extracting((id) -> id.getTag("name"))
			.contains("transfer0", "other")
			.doesNotContain("transfer" + TransactionNames.LIMIT);
	}

	private void assertOnly(String outcome) {
		assertThat(duration(outcome).count()).isOne();
		assertThat(this.registry.find("crdb.transaction.duration").timers().stream().mapToLong(Timer::count).sum())
			.isOne();
	}

	private static void pass(int millis) {
		long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
		while (System.nanoTime() < end) {
			Thread.onSpinWait();
		}
	}

	private Timer duration(String outcome) {
		return this.registry.get("crdb.transaction.duration").tags("name", "transfer", "outcome", outcome).timer();
	}

	private DistributionSummary attempts() {
		return this.registry.get("crdb.transaction.attempts").tag("name", "transfer").summary();
	}

	private Timer backoff() {
		return this.registry.get("crdb.transaction.backoff").tag("name", "transfer").timer();
	}

	private double gauge(String name) {
		return this.registry.get("crdb.transaction." + name).tag("name", "transfer").gauge().value();
	}

	private Counter retries(String... sqlStateAndReason) {
		return (sqlStateAndReason.length == 0) ? this.registry.get("crdb.transaction.retries").counter()
				: this.registry.get("crdb.transaction.retries")
					.tags("name", "transfer", "sqlstate", sqlStateAndReason[0], "reason", sqlStateAndReason[1])
					.counter();
	}

	/**
	 * A limit of a template.
	 *
	 * @param limit the limit
	 * @param waiting how many wait
	 */
	private record StubLimit(double limit, int waiting, int keys) implements TransactionLimit {

		@Override
		public String name() {
			return "transfer";
		}

		@Override
		public int underWay() {
			return 0;
		}

	}

}
