package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.OutcomePolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The short form of the chaos run: one server, behind a proxy.
 */
@DatabaseTest
class ChaosTests {

	private static final int FAULTS = 200;

	private static final long SEED = 20_261_130;

	@ParameterizedTest
	@EnumSource(names = { "REPORT", "RESOLVE" })
	void callersAreToldWhatBecameOfTheirTransfers(OutcomePolicy policy, TestDatabase database) throws Exception {
		FaultTally tally = new FaultTally(FAULTS, Duration.ofMinutes(5));
		JdbcTemplate operator = new JdbcTemplate(database.pool(4));
		Ledger ledger = new Ledger(operator);
		ledger.create();
		Sessions sessions = new Sessions(operator, database.isCockroach());
		try (WireProxy proxy = database.proxy();
				ChaosRun run = new ChaosRun(database.url(proxy), ledger, sessions, tally, SEED, policy, List.of())) {
			run.with(Duration.ofMillis(50), WireFaults.of(proxy))
				.with(Duration.ofMillis(50), SessionFaults.of(sessions, proxy))
				.with(Duration.ofSeconds(5), List.of(PoolFault.of(run.pools(), tally)))
				.with(Duration.ofSeconds(5), List.of(SchemaFault.of(operator)));
			Report report = run.run(policy + ", " + database.serverInfo().description());
			assertThat(report.isClean()).as(report.toString()).isTrue();
			assertThat(tally.total()).as(report.toString()).isGreaterThanOrEqualTo(FAULTS);
		}
	}

}
