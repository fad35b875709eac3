package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.CockroachCluster;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.OutcomePolicy;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The long form of the chaos run: a cluster of three nodes, behind a proxy.
 */
public final class Chaos {

	private static final String DATABASE = "bank";

	private Chaos() {
	}

	/**
	 * Make a run and print its report. The exit status is 1 if callers were told
	 * something that is not true, or something did not come back.
	 * @param args none; system properties say how long and how
	 * @throws Exception if the run could not be made
	 */
	public static void main(String[] args) throws Exception {
		Report report = run();
		System.out.println("\n" + report);
		System.exit(report.isClean() ? 0 : 1);
	}

	private static Report run() throws Exception {
		String given = System.getProperty("chaos.seed", "");
		long seed = given.isEmpty() ? new Random().nextInt(1_000_000) : Long.parseLong(given);
		FaultTally tally = new FaultTally(Integer.getInteger("chaos.faults", 2000),
				Duration.ofMinutes(Long.getLong("chaos.minutes", 20)));
		OutcomePolicy policy = OutcomePolicy
			.valueOf(System.getProperty("chaos.outcome", "report").toUpperCase(Locale.ROOT));
		List<String> properties = Stream.of(System.getProperty("chaos.properties", "").split(","))
			.filter((property) -> !property.isEmpty())
			.toList();
		try (CockroachCluster cluster = CockroachCluster.start(); WireProxy proxy = cluster.proxy()) {
			JdbcTemplate operator = operator(cluster);
			Ledger ledger = new Ledger(operator);
			ledger.create();
			ledger.split();
			Sessions sessions = new Sessions(operator, true);
			String title = operator.queryForObject("SELECT version()", String.class) + ", " + policy + ", seed " + seed;
			System.err.println(title);
			try (ChaosRun run = new ChaosRun(cluster.url(proxy, DATABASE), ledger, sessions, tally, seed, policy,
					properties)) {
				return run.with(Duration.ofMillis(400), WireFaults.of(proxy))
					.with(Duration.ofMillis(100), SessionFaults.of(sessions, proxy))
					.with(Duration.ofSeconds(10), List.of(PoolFault.of(run.pools(), tally)))
					.with(Duration.ofSeconds(5), List.of(SchemaFault.of(operator)))
					.with(Duration.ofSeconds(10), NodeFaults.of(cluster, tally))
					.run(title);
			}
		}
	}

	private static JdbcTemplate operator(CockroachCluster cluster) {
		new JdbcTemplate(new DriverManagerDataSource(cluster.jdbcUrl("defaultdb")))
			.execute("CREATE DATABASE " + DATABASE);
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(cluster.jdbcUrl(DATABASE));
		pool.setMaximumPoolSize(4);
		return new JdbcTemplate(pool);
	}

}
