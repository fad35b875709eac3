package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.transaction.OutcomePolicy;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One run: callers make transfers while faults are made, then both are stopped, and what
 * the callers were told is compared with what the database has.
 */
final class ChaosRun implements AutoCloseable {

	private static final int CALLERS = 12;

	// Longer than a transaction may take, its last attempt included
	private static final Duration LAST_CALLS = Duration.ofMinutes(3);

	private static final Duration RETURN_OF_CONNECTIONS = Duration.ofSeconds(10);

	private final FaultTally tally;

	private final long seed;

	private final OutcomePolicy policy;

	private final Ledger ledger;

	private final Sessions sessions;

	private final List<BankApplication> applications;

	private final List<FaultMaker> makers = new ArrayList<>();

	/**
	 * Start the bank's applications.
	 * @param url where the applications connect, as {@code crdb.url} takes it
	 * @param ledger reaches the same database undisturbed
	 * @param sessions the applications' sessions
	 * @param tally counts the faults
	 * @param seed decides what is a matter of chance, as far as it does not depend on
	 * time
	 * @param policy what happens to unknown outcomes
	 * @param properties further properties of the applications
	 */
	ChaosRun(String url, Ledger ledger, Sessions sessions, FaultTally tally, long seed, OutcomePolicy policy,
			List<String> properties) {
		this.policy = policy;
		this.tally = tally;
		this.seed = seed;
		this.sessions = sessions;
		this.ledger = ledger;
		this.applications = BankApplication.startAll(url, policy, properties);
	}

	List<HikariDataSource> pools() {
		return this.applications.stream().map(BankApplication::pool).toList();
	}

	/**
	 * Have faults made by a thread of its own.
	 * @param pause the time between two of them, on average
	 * @param faults of which kinds
	 */
	ChaosRun with(Duration pause, List<FaultKind> faults) {
		this.makers.add(new FaultMaker(faults, pause, this.tally, this.seed + CALLERS + this.makers.size()));
		return this;
	}

	/**
	 * Run it.
	 * @param title what the report starts with
	 */
	Report run(String title) throws Exception {
		Callers callers = new Callers(this.applications, CALLERS, this.seed);
		callers.start();
		this.makers.forEach(FaultMaker::start);
		for (FaultMaker maker : this.makers) {
			maker.await();
		}
		callers.stop(LAST_CALLS);
		Map<String, Integer> leaked = leaked();
		close();
		// What a session is still doing there may yet be committed
		Awaitility.await().atMost(LAST_CALLS).until(() -> this.sessions.list().isEmpty());
		return new Report(title, this.tally, new Comparison(callers.calls(), this.ledger.rows()),
				this.ledger.wrongBalances(), leaked, this.policy);
	}

	private Map<String, Integer> leaked() {
		try {
			Awaitility.await().atMost(RETURN_OF_CONNECTIONS).until(() -> active().isEmpty());
			return Map.of();
		}
		catch (ConditionTimeoutException ex) {
			return active();
		}
	}

	private Map<String, Integer> active() {
		Map<String, Integer> active = new TreeMap<>();
		this.applications.forEach((application) -> active.put(application.name(),
				application.pool().getHikariPoolMXBean().getActiveConnections()));
		active.values().removeIf((count) -> count == 0);
		return active;
	}

	@Override
	public void close() {
		this.applications.forEach(BankApplication::close);
	}

}
