package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;

/**
 * Looks on while an action runs: at what there is before its transactions, at what is
 * left when an attempt has been rolled back, and at what each attempt does.
 */
final class SafetyCheck {

	private final MemorySnapshot.Roots roots;

	private final Set<RetrySafetyFinding> findings = new LinkedHashSet<>();

	/**
	 * The effects by attempt, each with how often it happened there.
	 */
	private final Map<Effect, Map<Integer, Integer>> effects = new LinkedHashMap<>();

	private final Map<Effect, String> details = new HashMap<>();

	private final Map<String, Map<Integer, List<Sent>>> statements = new LinkedHashMap<>();

	private @Nullable MemorySnapshot memory;

	private @Nullable DatabaseSnapshot database;

	/**
	 * The thread that called what can be run again; {@code null} if that is not known.
	 */
	private @Nullable Thread caller;

	private boolean rolledBack;

	SafetyCheck(Object action, @Nullable ApplicationContext applicationContext) {
		this.roots = new MemorySnapshot.Roots(action, applicationContext);
	}

	/**
	 * A call begins of what can be run again, and is not part of another one.
	 */
	synchronized void beforeCall() {
		this.caller = Thread.currentThread();
		this.database = null;
		this.memory = MemorySnapshot.take(this.roots);
	}

	/**
	 * A connection is handed out, outside of a transaction. One for another thread is
	 * none that the transaction under way begins on.
	 */
	synchronized void beforeTransaction(Connection connection) {
		if (this.caller == null || this.caller == Thread.currentThread()) {
			this.database = snapshot(connection);
			this.memory = MemorySnapshot.take(this.roots);
		}
	}

	/**
	 * A connection is handed out inside of a transaction. If it is the first one, that is
	 * because it was not needed until now.
	 */
	synchronized void insideTransaction(Connection connection) {
		if (this.database == null) {
			this.database = snapshot(connection);
		}
	}

	/**
	 * A statement was executed in an attempt.
	 */
	synchronized void executed(TransactionAttempt attempt, Object statement, @Nullable String sql) {
		if (sql != null) {
			this.statements.computeIfAbsent(attempt.name(), (key) -> new TreeMap<>())
				.computeIfAbsent(attempt.number(), (key) -> new ArrayList<>())
				.add(Sent.of(statement, sql));
		}
	}

	/**
	 * An attempt has been rolled back at COMMIT.
	 */
	synchronized void afterRollback(TransactionAttempt attempt, Connection connection) {
		this.rolledBack = true;
		DatabaseSnapshot before = this.database;
		if (before != null) {
			before.compareWith(snapshot(connection), (kind, text) -> add(attempt, kind, text));
		}
		MemorySnapshot memoryBefore = this.memory;
		if (memoryBefore != null) {
			memoryBefore.compareWith(MemorySnapshot.take(this.roots))
				.forEach((text) -> add(attempt, Kind.MEMORY, text));
		}
	}

	private static DatabaseSnapshot snapshot(Connection connection) {
		try {
			return DatabaseSnapshot.take(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The tables could not be read for the check of retry safety", ex);
		}
	}

	private void add(TransactionAttempt attempt, Kind kind, String text) {
		this.findings.add(new RetrySafetyFinding(attempt.name(), kind, text));
	}

	/**
	 * Take note of an effect, if it happens in an attempt.
	 * @param kind what it is
	 * @param what by what to know it again in another attempt
	 * @param details what else there is to say
	 */
	static void record(Kind kind, String what, String details) {
		TestRun run = TestRun.current();
		SafetyCheck check = (run != null) ? run.safetyCheck() : null;
		if (check != null) {
			check.happened(kind, what, details);
		}
	}

	private synchronized void happened(Kind kind, String what, String details) {
		TransactionAttempt attempt = TransactionAttempt.current().orElse(null);
		if (attempt == null) {
			return;
		}
		Effect effect = new Effect(attempt.name(), kind, what);
		this.details.putIfAbsent(effect, details);
		this.effects.computeIfAbsent(effect, (key) -> new TreeMap<>()).merge(attempt.number(), 1, Integer::sum);
	}

	synchronized RetrySafetyReport report(Collection<String> seen) {
		if (!this.rolledBack) {
			throw new AssertionError(
					"There was no transaction that could be run again, so that nothing was checked. " + (seen.isEmpty()
							? "None ran at all on a DataSource that takes injections. In a Spring test every guarded "
									+ "DataSource does; without Spring, call RetryInjection.install(dataSource)"
							: "These ran: " + String.join(", ", seen)
									+ ". Transactions of @CrdbTransactional and of CrdbTransactionTemplate can be run again"));
		}
		List<RetrySafetyFinding> all = new ArrayList<>();
		this.effects.forEach((effect, attempts) -> {
			if (attempts.containsKey(1)) {
				all.add(new RetrySafetyFinding(effect.transaction(), effect.kind(),
						effect.what() + this.details.get(effect) + " " + attempts(attempts)));
			}
		});
		all.addAll(this.findings);
		this.statements.forEach((transaction, attempts) -> all.addAll(compare(transaction, attempts)));
		return new RetrySafetyReport(all);
	}

	private static String attempts(Map<Integer, Integer> attempts) {
		if (attempts.size() == 1) {
			return "(only in attempt 1)";
		}
		StringBuilder text = new StringBuilder();
		attempts.forEach((number, count) -> text.append((text.length() == 0) ? "(in attempt " : ", again in attempt ")
			.append(number)
			.append((count > 1) ? ", " + count + " times" : ""));
		return text.append(")").toString();
	}

	private static List<RetrySafetyFinding> compare(String transaction, Map<Integer, List<Sent>> attempts) {
		List<RetrySafetyFinding> different = new ArrayList<>();
		List<Sent> first = attempts.getOrDefault(1, List.of());
		List<Sent> second = attempts.getOrDefault(2, List.of());
		for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
			Sent before = first.get(i);
			Sent after = second.get(i);
			if (before.sql().equals(after.sql()) && !before.values().equals(after.values())) {
				different.add(new RetrySafetyFinding(transaction, Kind.STATEMENT,
						before.values() + " (in attempt 2: " + after.values() + ")"));
			}
		}
		return different;
	}

	/**
	 * Something that a transaction did.
	 *
	 * @param transaction the name of the transaction
	 * @param kind what it is
	 * @param what what was done
	 */
	private record Effect(String transaction, Kind kind, String what) {

	}

	/**
	 * A statement.
	 *
	 * @param sql its text
	 * @param values its text with the values, as the driver writes it
	 */
	private record Sent(String sql, String values) {

		private static final String WRAPPING = " wrapping ";

		static Sent of(Object statement, String sql) {
			if (!(statement instanceof PreparedStatement)) {
				return new Sent("", sql);
			}
			String text = String.valueOf(statement);
			int start = text.startsWith("HikariProxy") ? text.indexOf(WRAPPING) : -1;
			return new Sent(sql, (start >= 0) ? text.substring(start + WRAPPING.length()) : text);
		}

	}

}
