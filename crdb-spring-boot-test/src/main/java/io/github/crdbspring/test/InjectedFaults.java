package io.github.crdbspring.test;

import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.FaultInjector;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Decides for one connection what fails.
 */
final class InjectedFaults implements FaultInjector.Faults {

	/**
	 * The last attempt of each thread whose connection is known.
	 */
	private static final ThreadLocal<@Nullable WeakReference<TransactionAttempt>> accompaniedAttempt = new ThreadLocal<>();

	private final Connection connection;

	private final @Nullable InjectionRule suiteRule;

	private final ServerFailures failures;

	/**
	 * The transaction that runs on the connection, as far as a statement has shown.
	 */
	private @Nullable Watched transaction;

	InjectedFaults(Connection connection, @Nullable DataSource source, @Nullable InjectionRule suiteRule) {
		this.connection = connection;
		this.suiteRule = suiteRule;
		this.failures = new ServerFailures(connection);
		SafetyCheck check = safetyCheck();
		if (check != null) {
			check.opened(
					(source instanceof DelegatingDataSource delegating) ? delegating.getTargetDataSource() : source,
					connection, TransactionAttempt.current().isPresent());
		}
	}

	private static @Nullable SafetyCheck safetyCheck() {
		TestRun run = TestRun.current();
		return (run != null) ? run.safetyCheck() : null;
	}

	@Override
	public void executed(Object statement, @Nullable String sql, boolean accompanied) throws SQLException {
		if (this.connection.getAutoCommit()) {
			this.transaction = null;
			return;
		}
		Watched current = watch(accompanied);
		Contention.atStatement();
		SafetyCheck check = safetyCheck();
		if (check != null && current.attempt != null) {
			check.executed(current.attempt, statement, sql);
		}
		InjectionRule rule = current.rule;
		if (rule == null || current.failed || !rule.matchesStatement(sql)) {
			return;
		}
		current.statementSeen = true;
		if (!rule.isForCommit()) {
			current.inject();
			throw (rule.at() == FailurePoint.STATEMENT) ? this.failures.failStatement()
					: this.failures.loseConnection();
		}
	}

	@Override
	public void commit(FaultInjector.Commit commit, boolean accompanied) throws SQLException {
		Watched current = watch(accompanied);
		this.transaction = null;
		Contention.atCommit();
		InjectionRule rule = current.rule;
		if (rule == null || current.failed || !rule.isForCommit()
				|| !(current.statementSeen || rule.statement().isEmpty())) {
			commit.send();
			return;
		}
		current.inject();
		SafetyCheck check = safetyCheck();
		switch (rule.at()) {
			case AMBIGUOUS_COMMITTED -> {
				commit.send();
				throw this.failures.ambiguous();
			}
			case AMBIGUOUS_ROLLED_BACK -> {
				this.connection.rollback();
				throw this.failures.ambiguous();
			}
			default -> {
				this.connection.rollback();
				if (check != null && current.attempt != null) {
					check.afterRollback(current.attempt, this.connection);
				}
				throw this.failures.restart();
			}
		}
	}

	/**
	 * Return the transaction that runs now. It is another one than with the last
	 * statement if its attempt is, or if that has ended in the meantime.
	 */
	private Watched watch(boolean accompanied) {
		TransactionAttempt attempt = TransactionAttempt.current().orElse(null);
		if (attempt != null && accompanied) {
			accompaniedAttempt.set(new WeakReference<>(attempt));
		}
		Watched known = this.transaction;
		TransactionAttempt mine = (attempt != null && (accompanied || !isElsewhere(attempt))) ? attempt : null;
		if (known == null || known.attempt != mine) {
			known = new Watched(mine, this.suiteRule);
			this.transaction = known;
		}
		return known;
	}

	/**
	 * Whether the attempt's connection is known to be another one. As long as it is not,
	 * as with JPA before the transaction asks for it, this one is taken for it.
	 */
	private static boolean isElsewhere(TransactionAttempt attempt) {
		WeakReference<TransactionAttempt> last = accompaniedAttempt.get();
		return last != null && last.get() == attempt;
	}

	/**
	 * A transaction, and what is to happen to it.
	 */
	private static final class Watched {

		private final @Nullable TransactionAttempt attempt;

		private final @Nullable TestRun run;

		private final @Nullable InjectionRule rule;

		private boolean statementSeen;

		private boolean failed;

		Watched(@Nullable TransactionAttempt attempt, @Nullable InjectionRule suiteRule) {
			this.attempt = attempt;
			this.run = TestRun.current();
			InjectionRule rule = (this.run != null && this.run.rule() != null) ? this.run.rule() : suiteRule;
			this.rule = (rule != null && isMeant(rule)) ? rule : null;
		}

		private boolean isMeant(InjectionRule rule) {
			String name = (this.attempt != null) ? this.attempt.name()
					: TransactionSynchronizationManager.getCurrentTransactionName();
			if (this.run != null) {
				this.run.sawTransaction("'" + ((name != null) ? name : "") + "'"
						+ ((this.attempt != null) ? "" : " (not begun by this library)"));
			}
			if (!rule.matchesTransaction(name, this.attempt != null)) {
				return false;
			}
			if (this.attempt != null) {
				return this.attempt.number() <= rule.times();
			}
			return this.run != null && name != null && this.run.countForeign(name) <= rule.times();
		}

		void inject() {
			this.failed = true;
			if (this.run != null) {
				this.run.injected();
			}
		}

	}

}
