package io.github.crdbspring.sample.load;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

import io.github.crdbspring.jdbc.ServerInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LoadTallyTests {

	private static final BigDecimal TOTAL = new BigDecimal("10000.00");

	@Test
	void reportPutsThreadsTogether() {
		LoadTally one = new LoadTally();
		for (int i = 1; i <= 99; i++) {
			one.committed(Duration.ofMillis(i).toNanos());
			one.attempts(1);
		}
		LoadTally other = new LoadTally();
		other.committed(Duration.ofMillis(500).toNanos());
		other.attempts(4);
		other.refused();
		other.attempts(2);
		other.failed();
		other.attempts(10);
		LoadReport report = LoadTally.report(List.of(one, other), Duration.ofSeconds(4).toNanos(), TOTAL, TOTAL);
		assertThat(report).isEqualTo(new LoadReport(100, 13, 1, 1, 10, 25, 50, 99, TOTAL, TOTAL));
	}

	@Test
	void nothingCommitted() {
		LoadReport report = LoadTally.report(List.of(new LoadTally()), 1, TOTAL, TOTAL);
		assertThat(report).isEqualTo(new LoadReport(0, 0, 0, 0, 0, 0, 0, 0, TOTAL, TOTAL));
	}

	@Test
	void summarySaysWhenMoneyIsMissing() {
		BigDecimal less = new BigDecimal("9990.00");
		LoadReport report = new LoadReport(1, 0, 0, 0, 1, 1, 1, 1, TOTAL, less);
		assertThat(report.isTotalUnchanged()).isFalse();
		assertThat(new LoadSummary(new ServerInfo("PostgreSQL", null, "PostgreSQL 18.6"), LoadRequest.DEFAULT, report))
			.asString()
			.contains("TOTAL BALANCE CHANGED: 10000.00 before, 9990.00 after")
			.doesNotContain("unchanged");
	}

}
