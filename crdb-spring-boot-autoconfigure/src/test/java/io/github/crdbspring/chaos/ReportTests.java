package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.CommittedTransactionException;
import io.github.crdbspring.transaction.OutcomePolicy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Report}: a run finds only what this finds.
 */
class ReportTests {

	private final Call call = new Call(new Transfer(UUID.randomUUID(), 1, 2, 10), "teller");

	@Test
	void whatIsThereOnceMayHaveReturnedOrBeUnknown() {
		this.call.returned();
		assertThat(report(1).isClean()).isTrue();
		this.call.failed(new AmbiguousCommitException("unknown", new IllegalStateException()));
		assertThat(report(1).isClean()).isTrue();
		assertThat(report(1)).asString().contains("| calls with an unknown outcome | 1 | 1 were committed |");
	}

	@Test
	void whatIsNotThereMayHaveFailedOrBeUnknown() {
		this.call.failed(new IllegalStateException());
		assertThat(report(0).isClean()).isTrue();
		this.call.failed(new AmbiguousCommitException("unknown", new IllegalStateException()));
		assertThat(report(0).isClean()).isTrue();
		assertThat(report(0)).asString().contains("| calls with an unknown outcome | 1 | 0 were committed |");
	}

	@Test
	void aCallThatReturnedAndIsNotThereIsLost() {
		this.call.returned();
		assertDefect(report(0), "| **lost** | 1 |");
	}

	@Test
	void aCallThatWasToldToBeCommittedAndIsNotThereIsLost() {
		this.call.failed(new CommittedTransactionException("committed", new IllegalStateException()));
		assertDefect(report(0), "| **lost** | 1 |");
	}

	@Test
	void aCallThatIsThereTwiceIsDoubledWhateverItWasTold() {
		this.call.attemptFailed(new IllegalStateException("first attempt"));
		this.call.returned();
		assertDefect(report(2), "| **doubled** | 1 |");
		assertThat(report(2)).asString().contains("2 times in the database\n  - IllegalStateException first attempt");
	}

	@Test
	void aCallThatFailedForCertainAndIsThereIsWrong() {
		this.call.failed(new IllegalStateException());
		assertDefect(report(1), "| **wrong** | 1 |");
	}

	@Test
	void aCallWithoutAnAnswerNeverReturned() {
		assertDefect(report(0), "| **never returned** | 1 |");
	}

	@Test
	void wrongBalancesAndLeakedConnectionsAreDefects() {
		this.call.returned();
		assertDefect(report(1, List.of("account 1"), Map.of()), "| **balances wrong** | 1 | account 1 |");
		assertDefect(report(1, List.of(), Map.of("JPA", 3)), "| **connections leaked** | 3 | JPA |");
	}

	private static void assertDefect(Report report, String row) {
		assertThat(report.isClean()).isFalse();
		assertThat(report).asString().contains(row);
	}

	private Report report(int rows) {
		return report(rows, List.of(), Map.of());
	}

	private Report report(int rows, List<String> wrongBalances, Map<String, Integer> leaked) {
		return new Report("title", new FaultTally(1, Duration.ZERO),
				new Comparison(List.of(this.call), Map.of(this.call.transfer().token(), rows)), wrongBalances, leaked,
				OutcomePolicy.REPORT);
	}

}
