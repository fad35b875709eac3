package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
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
	 * @param properties further properties of the applications
	 */
	ChaosRun(String url, Ledger ledger, Sessions sessions, FaultTally tally, long seed, List<String> properties) {
		this.tally = tally;
		this.seed = seed;
		this.sessions = sessions;
		this.ledger = ledger;
		this.applications = BankApplication.startAll(url, properties);
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
		List<String> leaked = leaked();
		close();
		// What a session is still doing there may yet be committed
		Awaitility.await().atMost(LAST_CALLS).until(() -> this.sessions.list().isEmpty());
		return new Report(title, this.tally, new Comparison(callers.calls(), this.ledger.rows()),
				this.ledger.wrongBalances(), leaked);
	}

	private List<String> leaked() {
		Supplier<List<String>> active = () -> this.applications.stream()
			.filter((application) -> active(application) > 0)
			.map((application) -> active(application) + " of " + application.name())
			.toList();
		try {
			Awaitility.await().atMost(RETURN_OF_CONNECTIONS).until(() -> active.get().isEmpty());
			return List.of();
		}
		catch (ConditionTimeoutException ex) {
			return active.get();
		}
	}

	private static int active(BankApplication application) {
		return application.pool().getHikariPoolMXBean().getActiveConnections();
	}

	@Override
	public void close() {
		this.applications.forEach(BankApplication::close);
	}

}
