package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.jdbc.CrdbUrl;

/**
 * Lets one contender run loads that happen at the same time.
 */
final class Runner {

	private static final long GRACE_SECONDS = 300;

	private final Options options;

	private final CrdbUrl url;

	private final Scores scores;

	private int runs;

	Runner(Options options, CrdbUrl url, Scores scores) {
		this.options = options;
		this.url = url;
		this.scores = scores;
	}

	void createTables() throws SQLException {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			statement.execute(Accounts.TABLE);
			statement.execute(Ledgers.TABLE);
		}
	}

	/**
	 * Run loads, and add what was measured to the scores.
	 */
	void run(Contender contender, List<Load> loads) throws Exception {
		List<DataSet> dataSets = new ArrayList<>();
		try (Connection connection = connect()) {
			for (Load load : loads) {
				DataSet dataSet = load.dataSet().apply(++this.runs);
				dataSet.create(connection);
				dataSets.add(dataSet);
			}
			try (ContenderContext context = ContenderContext.open(contender, this.url, this.options.poolSize())) {
				Window window = Window.after(this.options.warmUp(), this.options.duration());
				List<List<Tally>> tallies = call(context.calls(), loads, dataSets, window);
				for (int i = 0; i < loads.size(); i++) {
					Load load = loads.get(i);
					Measurement measurement = Tally.sum(tallies.get(i), window);
					this.scores.add(load.label(), contender, measurement);
					System.err.println("  " + contender.label() + ", " + load.label() + ": " + measurement.summary());
					long committed = tallies.get(i).stream().mapToLong(Tally::committed).sum();
					for (String problem : dataSets.get(i).audit(connection, committed)) {
						this.scores.addViolation(contender.label() + ", " + load.label() + ": " + problem);
						System.err.println("  INVARIANT VIOLATED: " + problem);
					}
				}
			}
		}
	}

	private List<List<Tally>> call(Calls calls, List<Load> loads, List<DataSet> dataSets, Window window)
			throws Exception {
		ExecutorService executor = Executors.newCachedThreadPool();
		try {
			List<List<Future<Tally>>> futures = new ArrayList<>();
			for (int i = 0; i < loads.size(); i++) {
				Load load = loads.get(i);
				List<Future<Tally>> callers = new ArrayList<>();
				for (int thread = 0; thread < load.threads(); thread++) {
					callers.add(executor.submit(new Caller(calls, load.method(), dataSets.get(i), window)));
				}
				futures.add(callers);
			}
			List<List<Tally>> tallies = new ArrayList<>();
			for (List<Future<Tally>> callers : futures) {
				List<Tally> ofLoad = new ArrayList<>();
				for (Future<Tally> caller : callers) {
					ofLoad.add(caller.get((long) window.seconds() + this.options.warmUp().toSeconds() + GRACE_SECONDS,
							TimeUnit.SECONDS));
				}
				tallies.add(ofLoad);
			}
			return tallies;
		}
		finally {
			executor.shutdownNow();
		}
	}

	private Connection connect() throws SQLException {
		return DriverManager.getConnection(this.url.jdbcUrl(), this.url.username(), this.url.password());
	}

}
