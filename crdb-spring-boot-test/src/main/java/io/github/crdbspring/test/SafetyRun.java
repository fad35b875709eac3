package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import javax.sql.DataSource;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;

/**
 * What one run of an action has changed: in memory, in the databases, and elsewhere.
 */
final class SafetyRun {

	/**
	 * The effects by attempt, each with how often it happened there.
	 */
	private final Map<Effect, Map<Integer, Integer>> effects = new LinkedHashMap<>();

	private final Set<String> transactions = new LinkedHashSet<>();

	private final Map<DataSource, DatabaseSnapshot> databases = new LinkedHashMap<>();

	private final Map<DataSource, DatabaseSnapshot> databasesAfter = new LinkedHashMap<>();

	private final MemorySnapshot.Roots roots;

	private final MemorySnapshot memory;

	private @Nullable MemorySnapshot memoryAfter;

	SafetyRun(MemorySnapshot.Roots roots) {
		this.roots = roots;
		this.memory = MemorySnapshot.take(roots);
	}

	/**
	 * A connection is handed out.
	 */
	void opened(DataSource pool, Connection connection) {
		this.databases.computeIfAbsent(pool, (key) -> snapshot(connection));
	}

	/**
	 * A transaction was run.
	 */
	void sawTransaction(String name) {
		this.transactions.add(name);
	}

	/**
	 * Something happened in an attempt.
	 */
	void happened(TransactionAttempt attempt, Kind kind, String what) {
		this.effects.computeIfAbsent(new Effect(attempt.name(), kind, what), (key) -> new TreeMap<>())
			.merge(attempt.number(), 1, Integer::sum);
	}

	void end() throws SQLException {
		this.memoryAfter = MemorySnapshot.take(this.roots);
		for (DataSource pool : this.databases.keySet()) {
			try (Connection connection = pool.getConnection()) {
				this.databasesAfter.put(pool, snapshot(connection));
			}
		}
	}

	/**
	 * Begin another run of the same, with the rows that this one had.
	 */
	SafetyRun again() throws SQLException {
		SafetyRun again = new SafetyRun(this.roots);
		for (Map.Entry<DataSource, DatabaseSnapshot> after : this.databasesAfter.entrySet()) {
			DatabaseSnapshot before = this.databases.get(after.getKey());
			try (Connection connection = after.getKey().getConnection()) {
				if (before != null) {
					Restoration.restore(connection, after.getValue(), before);
				}
				again.opened(after.getKey(), connection);
			}
		}
		return again;
	}

	Map<Effect, Map<Integer, Integer>> effects() {
		return this.effects;
	}

	/**
	 * Return how often an effect happened, in all attempts.
	 */
	int count(Effect effect) {
		return this.effects.getOrDefault(effect, Map.of()).values().stream().mapToInt(Integer::intValue).sum();
	}

	/**
	 * Return the names of the transactions, as far as they are known.
	 */
	String transactions() {
		return String.join(", ", this.transactions);
	}

	/**
	 * Return how much more something in memory is in the end.
	 */
	@Nullable Double growth(String path) {
		MemorySnapshot.State before = this.memory.state(path);
		MemorySnapshot.State after = stateAfter(path);
		return (before != null && after != null) ? before.growth(after) : null;
	}

	MemorySnapshot.@Nullable State stateAfter(String path) {
		return (this.memoryAfter != null) ? this.memoryAfter.state(path) : null;
	}

	/**
	 * Return what has become of the tables.
	 */
	Map<String, DatabaseSnapshot.Change> changes() {
		Map<String, DatabaseSnapshot.Change> changes = new TreeMap<>();
		this.databases.forEach((pool, before) -> {
			DatabaseSnapshot after = this.databasesAfter.get(pool);
			if (after != null) {
				changes.putAll(before.changes(after));
			}
		});
		return changes;
	}

	/**
	 * Whether the tables are known, which takes a DataSource that is.
	 */
	boolean knowsTables() {
		return !this.databases.isEmpty();
	}

	/**
	 * Whether a table is as after another run.
	 */
	boolean hasSame(String table, SafetyRun other) {
		return this.databasesAfter.entrySet().stream().allMatch((after) -> {
			DatabaseSnapshot others = other.databasesAfter.get(after.getKey());
			return others != null && after.getValue().hasSame(table, others);
		});
	}

	static DatabaseSnapshot snapshot(Connection connection) {
		try {
			return DatabaseSnapshot.take(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The tables could not be read for the check of retry safety", ex);
		}
	}

	/**
	 * Something that a transaction did.
	 *
	 * @param transaction the name of the transaction
	 * @param kind what it is
	 * @param what what was done
	 */
	record Effect(String transaction, Kind kind, String what) {

	}

}
