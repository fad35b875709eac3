package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.test.SafetyRun.Effect;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;

/**
 * Looks on while an action runs, first with failures and then without: at what there is
 * before its transactions, at what is left when an attempt has been rolled back, and at
 * what each attempt does.
 */
final class SafetyCheck {

	private final Set<Leftover> leftovers = new LinkedHashSet<>();

	private final Set<RetrySafetyFinding> movedSequences = new LinkedHashSet<>();

	private final Map<Effect, String> details = new HashMap<>();

	private final SentStatements statements = new SentStatements();

	private final MemorySnapshot.Roots roots;

	private final SafetyRun withFailures;

	private @Nullable SafetyRun withoutFailures;

	private @Nullable MemorySnapshot memory;

	private @Nullable DatabaseSnapshot database;

	/**
	 * The thread that called what can be run again; {@code null} if that is not known.
	 */
	private @Nullable Thread caller;

	private boolean rolledBack;

	SafetyCheck(Object action, @Nullable ApplicationContext applicationContext) {
		this.roots = new MemorySnapshot.Roots(action, applicationContext);
		this.withFailures = new SafetyRun(this.roots);
	}

	/**
	 * The run with failures has ended, and the one without begins.
	 */
	synchronized void nowWithoutFailures() throws SQLException {
		this.withFailures.end();
		this.withoutFailures = this.withFailures.again();
	}

	synchronized void end() throws SQLException {
		if (this.withoutFailures != null) {
			this.withoutFailures.end();
		}
	}

	private SafetyRun current() {
		return (this.withoutFailures != null) ? this.withoutFailures : this.withFailures;
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
	 * A connection is handed out.
	 * @param pool where it comes from, {@code null} if that is not known
	 * @param inside whether that is inside of a transaction: if it is the first one
	 * there, it was not needed until now
	 */
	synchronized void opened(@Nullable DataSource pool, Connection connection, boolean inside) {
		if (pool != null) {
			current().opened(pool, connection);
		}
		if (this.withoutFailures != null) {
			return;
		}
		if (inside) {
			this.database = (this.database != null) ? this.database : SafetyRun.snapshot(connection);
		}
		// One for another thread is none that the transaction under way begins on
		else if (this.caller == null || this.caller == Thread.currentThread()) {
			this.database = SafetyRun.snapshot(connection);
			this.memory = MemorySnapshot.take(this.roots);
		}
	}

	/**
	 * A statement was executed in an attempt.
	 */
	synchronized void executed(TransactionAttempt attempt, Object statement, @Nullable String sql) {
		current().sawTransaction(attempt.name());
		if (sql != null && this.withoutFailures == null) {
			this.statements.add(attempt, (statement instanceof PreparedStatement) ? statement : null, sql);
		}
	}

	/**
	 * An attempt has been rolled back at COMMIT.
	 */
	synchronized void afterRollback(TransactionAttempt attempt, Connection connection) {
		this.rolledBack = true;
		DatabaseSnapshot before = this.database;
		if (before != null) {
			DatabaseSnapshot now = SafetyRun.snapshot(connection);
			before.changes(now)
				.forEach((table, change) -> this.leftovers
					.add(new Leftover(attempt.name(), Kind.TABLE, table, change + " after the rollback")));
			before.movedSequences(now)
				.forEach(
						(text) -> this.movedSequences.add(new RetrySafetyFinding(attempt.name(), Kind.SEQUENCE, text)));
		}
		MemorySnapshot memoryBefore = this.memory;
		if (memoryBefore != null) {
			MemorySnapshot now = MemorySnapshot.take(this.roots);
			memoryBefore.changed(now)
				.forEach((path) -> this.leftovers.add(new Leftover(attempt.name(), Kind.MEMORY, path,
						text(memoryBefore, path) + " before, " + text(now, path) + " after the rollback")));
		}
	}

	private static String text(MemorySnapshot snapshot, String path) {
		MemorySnapshot.State state = snapshot.state(path);
		return (state != null) ? state.text() : "nothing";
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
		TransactionAttempt attempt = TransactionAttempt.current().orElse(null);
		if (check != null && attempt != null) {
			check.happened(attempt, kind, what, details);
		}
	}

	private synchronized void happened(TransactionAttempt attempt, Kind kind, String what, String details) {
		this.details.putIfAbsent(new Effect(attempt.name(), kind, what), details);
		current().happened(attempt, kind, what);
	}

	/**
	 * Fail if no attempt was rolled back.
	 * @param seen the transactions that ran
	 */
	synchronized void requireRollback(Collection<String> seen) {
		if (!this.rolledBack) {
			throw new AssertionError(
					"There was no transaction that could be run again, so that nothing was checked. " + (seen.isEmpty()
							? "None ran at all on a DataSource that takes injections. In a Spring test every guarded "
									+ "DataSource does; without Spring, call RetryInjection.install(dataSource)"
							: "These ran: " + String.join(", ", seen)
									+ ". Transactions of @CrdbTransactional and of CrdbTransactionTemplate can be run again"));
		}
	}

	synchronized RetrySafetyReport report() {
		List<RetrySafetyFinding> all = new ArrayList<>();
		SafetyComparison comparison = new SafetyComparison(this.withFailures, current());
		this.withFailures.effects().forEach((effect, attempts) -> {
			String times = comparison.describe(effect, attempts);
			if (times != null) {
				all.add(new RetrySafetyFinding(effect.transaction(), effect.kind(),
						effect.what() + this.details.get(effect) + " " + times));
			}
		});
		all.addAll(comparison.findings(this.leftovers));
		all.addAll(this.movedSequences);
		all.addAll(this.statements.findings());
		return new RetrySafetyReport(all);
	}

	/**
	 * What an attempt has left behind that was rolled back.
	 *
	 * @param transaction the name of the transaction
	 * @param kind in the database or in memory
	 * @param what the table or the place
	 * @param description what was there before, and what was left
	 */
	record Leftover(String transaction, Kind kind, String what, String description) {

	}

}
