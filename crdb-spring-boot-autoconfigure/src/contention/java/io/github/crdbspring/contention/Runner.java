package io.github.crdbspring.contention;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;

import io.github.crdbspring.url.CrdbUrl;

/**
 * Lets one contender run loads that happen at the same time.
 */
final class Runner {

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
		}
		List<ContenderContext> contexts = new ArrayList<>();
		try {
			for (int i = 0; i < this.options.instances(); i++) {
				contexts.add(ContenderContext.open(contender, this.url,
						Math.max(1, this.options.poolSize() / this.options.instances())));
			}
			call(contender, contexts.stream().map(ContenderContext::calls).toList(), loads, dataSets);
		}
		finally {
			contexts.forEach(ContenderContext::close);
		}
	}

	private void call(Contender contender, List<Calls> services, List<Load> loads, List<DataSet> dataSets)
			throws Exception {
		Window window = Window.after(this.options.warmUp(), this.options.duration());
		Callers callers = new Callers(services, window, loads.stream().mapToInt(Load::threads).sum());
		try {
			List<List<Future<Map<String, Tally>>>> futures = new ArrayList<>();
			for (int i = 0; i < loads.size(); i++) {
				futures.add(callers.start(loads.get(i), dataSets.get(i)));
			}
			List<List<Map<String, Tally>>> tallies = new ArrayList<>();
			for (List<Future<Map<String, Tally>>> ofLoad : futures) {
				tallies.add(callers.await(ofLoad));
			}
			for (int i = 0; i < loads.size(); i++) {
				record(contender, loads.get(i), dataSets.get(i), tallies.get(i), window);
			}
		}
		finally {
			callers.stop();
		}
	}

	private void record(Contender contender, Load load, DataSet dataSet, List<Map<String, Tally>> tallies,
			Window window) throws SQLException {
		Map<String, List<Tally>> byLabel = new TreeMap<>();
		for (Map<String, Tally> ofCaller : tallies) {
			ofCaller.forEach((label, tally) -> byLabel.computeIfAbsent(label, (key) -> new ArrayList<>()).add(tally));
		}
		byLabel.forEach((label, ofLabel) -> record(contender, label, Tally.sum(ofLabel, window)));
		if (byLabel.size() > 1) {
			record(contender, load.label(),
					Tally.sum(byLabel.values().stream().flatMap(List::stream).toList(), window));
		}
		long committed = byLabel.values().stream().flatMap(List::stream).mapToLong(Tally::committed).sum();
		try (Connection connection = connect()) {
			for (String problem : dataSet.audit(connection, committed)) {
				this.scores.addViolation(contender.label() + ", " + load.label() + ": " + problem);
				System.err.println("  INVARIANT VIOLATED: " + problem);
			}
		}
	}

	private void record(Contender contender, String label, Measurement measurement) {
		this.scores.add(label, contender, measurement);
		System.err.println("  " + contender.label() + ", " + label + ": " + measurement.summary());
	}

	private Connection connect() throws SQLException {
		return DriverManager.getConnection(this.url.jdbcUrl(), this.url.username(), this.url.password());
	}

}
