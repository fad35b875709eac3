package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.transaction.AttemptFailure.Verdict;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.support.AbstractTransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionCallback;

/**
 * Runs one attempt in a transaction of its own: the only place where a transaction of
 * this library begins and ends.
 */
final class AttemptRunner {

	private final PlatformTransactionManager transactionManager;

	private final DataSource dataSource;

	private final JdbcTemplate jdbcTemplate;

	private final FailureInterpreter interpreter;

	private final PersistenceContext persistenceContext;

	AttemptRunner(PlatformTransactionManager transactionManager, DataSource dataSource,
			FailureInterpreter interpreter) {
		this.transactionManager = transactionManager;
		this.dataSource = dataSource;
		this.jdbcTemplate = new JdbcTemplate(dataSource);
		this.interpreter = interpreter;
		this.persistenceContext = PersistenceContext.of(transactionManager);
	}

	<T extends @Nullable Object> T run(TransactionAttempt attempt, TransactionCallback<T> action)
			throws AttemptFailure {
		TransactionStatus status = begin(attempt);
		BoundTransaction transaction = BoundTransaction.bind(attempt, this.dataSource);
		try {
			T result = call(status, attempt, action);
			complete(status, transaction);
			return result;
		}
		catch (AttemptFailure ex) {
			if (!transaction.isCommitted()) {
				this.persistenceContext.clearAfter(ex.failure());
			}
			throw ex;
		}
		finally {
			transaction.unbind();
		}
	}

	private TransactionStatus begin(TransactionAttempt attempt) throws AttemptFailure {
		TransactionStatus status;
		try {
			status = this.transactionManager.getTransaction(definition(attempt));
		}
		catch (Throwable ex) {
			// No connection could be had; the pool has waited for one already
			throw new AttemptFailure(Verdict.FINAL, ex);
		}
		if (!status.isNewTransaction()) {
			throw new AttemptFailure(Verdict.REJECTED, new NestedTransactionRejectedException("Transaction '"
					+ attempt.name() + "' would be part of another one that the transaction manager did not reveal"));
		}
		return status;
	}

	private static TransactionDefinition definition(TransactionAttempt attempt) {
		DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
		if (!attempt.name().isEmpty()) {
			definition.setName(attempt.name());
		}
		definition.setReadOnly(attempt.options().readOnly());
		Duration remaining = attempt.remaining();
		if (remaining != null) {
			// Spring counts in seconds; a shorter rest must not become 'no timeout'
			definition
				.setTimeout((int) Math.min(Math.max(remaining.plusMillis(999).toSeconds(), 1), Integer.MAX_VALUE));
		}
		return definition;
	}

	private <T extends @Nullable Object> T call(TransactionStatus status, TransactionAttempt attempt,
			TransactionCallback<T> action) throws AttemptFailure {
		try {
			if (attempt.isExpired()) {
				throw new TransactionTimedOutException("The timeout passed while a connection was waited for");
			}
			String setTransaction = SetTransaction.render(attempt.options(), attempt.number());
			if (setTransaction != null) {
				this.jdbcTemplate.execute(setTransaction);
			}
			return action.doInTransaction(status);
		}
		catch (Throwable ex) {
			rollBack(status, ex);
			throw this.interpreter.beforeCommit(attempt, ex);
		}
	}

	private void complete(TransactionStatus status, BoundTransaction transaction) throws AttemptFailure {
		if (status instanceof AbstractTransactionStatus abstractStatus && abstractStatus.isLocalRollbackOnly()) {
			rollBackAsAsked(status);
			transaction.attempt().rolledBack();
			return;
		}
		Throwable joinedFailure = transaction.joinedFailure();
		if (joinedFailure != null) {
			rollBack(status, joinedFailure);
			throw this.interpreter.joinedFailure(transaction.attempt(), joinedFailure);
		}
		DataAccessException firstError = status.isRollbackOnly() ? findFirstError() : null;
		if (firstError != null) {
			rollBack(status, firstError);
			throw this.interpreter.swallowedError(transaction.attempt(), firstError);
		}
		if (transaction.attempt().isExpired()) {
			TransactionTimedOutException timedOut = new TransactionTimedOutException(
					"The timeout passed before COMMIT; the transaction was rolled back");
			rollBack(status, timedOut);
			throw new AttemptFailure(Verdict.TIMED_OUT, timedOut);
		}
		transaction.checkLastBeforeCommit();
		try {
			this.transactionManager.commit(status);
		}
		catch (Throwable ex) {
			throw this.interpreter.atCommit(transaction, ex);
		}
	}

	/**
	 * Find the SQL error that a transaction has failed with on the server. Whoever marked
	 * the transaction for rollback, and is not this library, has left nothing but that
	 * mark behind.
	 */
	private @Nullable DataAccessException findFirstError() {
		try {
			this.jdbcTemplate.execute((ConnectionCallback<Boolean>) AttemptRunner::requireHealthy);
			return null;
		}
		catch (DataAccessException ex) {
			return ex;
		}
	}

	private static Boolean requireHealthy(Connection connection) throws SQLException {
		SQLException failure = connection.unwrap(GuardedConnection.class).findTransactionFailure();
		if (failure != null) {
			throw failure;
		}
		return true;
	}

	private void rollBackAsAsked(TransactionStatus status) throws AttemptFailure {
		try {
			this.transactionManager.rollback(status);
		}
		catch (Throwable ex) {
			throw new AttemptFailure(Verdict.FINAL, ex);
		}
	}

	private void rollBack(TransactionStatus status, Throwable failure) {
		try {
			this.transactionManager.rollback(status);
		}
		catch (Throwable ex) {
			if (ex != failure) {
				failure.addSuppressed(ex);
			}
		}
	}

}
