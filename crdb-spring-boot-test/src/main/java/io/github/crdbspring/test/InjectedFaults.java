package io.github.crdbspring.test;

import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;

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
		if (rule.server()) {
			this.failures.requireFeature(rule.at());
		}
		if (!rule.isForCommit() && current.inject()) {
			if (rule.at() == FailurePoint.CONNECTION_LOST) {
				throw this.failures.loseConnection();
			}
			throw rule.server() ? this.failures.failByItself() : this.failures.failStatement();
		}
	}

	@Override
	public void commit(FaultInjector.Commit commit, boolean accompanied) throws SQLException {
		Watched current = watch(accompanied);
		this.transaction = null;
		Contention.atCommit();
		InjectionRule rule = current.rule;
		if (rule == null || current.failed || !rule.isForCommit()
				|| !(current.statementSeen || rule.statement().isEmpty()) || !current.inject()) {
			commit.send();
			return;
		}
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
				if (rule.server()) {
					this.failures.failCommitByItself(commit);
				}
				this.connection.rollback();
				current.skipToDeadline(rule);
				if (check != null && current.attempt != null) {
					check.afterRollback(current.attempt, this.connection);
				}
				throw this.failures.restart();
			}
		}
	}

	@Override
	public void accompanied() {
		TransactionAttempt.current().ifPresent((attempt) -> accompaniedAttempt.set(new WeakReference<>(attempt)));
	}

	/**
	 * Return the transaction that runs now. It is another one than with the last
	 * statement if its attempt is, or if that has ended in the meantime.
	 */
	private Watched watch(boolean accompanied) {
		TransactionAttempt attempt = TransactionAttempt.current().orElse(null);
		if (accompanied) {
			accompanied();
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
				this.run.sawTransaction("'" + ((name != null) ? name : "") + "'" + describe(rule));
			}
			if (!rule.matchesTransaction(name, this.attempt != null)) {
				return false;
			}
			if (this.attempt != null) {
				return this.attempt.number() <= rule.times()
						&& (rule.at() != FailurePoint.DEADLINE || this.attempt.options().timeout() != null);
			}
			return this.run != null && name != null && this.run.countForeign(name) <= rule.times();
		}

		private String describe(InjectionRule rule) {
			if (this.attempt == null) {
				return " (not begun by this library)";
			}
			return (rule.at() == FailurePoint.DEADLINE && this.attempt.options().timeout() == null)
					? " (without a timeout)" : "";
		}

		/**
		 * Take note of a failure that is about to be made.
		 * @return {@code false} if there have been enough
		 */
		boolean inject() {
			InjectionRule rule = Objects.requireNonNull(this.rule);
			int before = (this.run != null) ? this.run.countInjected() : rule.times();
			this.failed = rule.every() || before < rule.times();
			return this.failed;
		}

		void skipToDeadline(InjectionRule rule) {
			Duration timeout = (this.attempt != null) ? this.attempt.options().timeout() : null;
			if (rule.at() == FailurePoint.DEADLINE && timeout != null) {
				SkippedTime.skip(timeout);
			}
		}

	}

}
