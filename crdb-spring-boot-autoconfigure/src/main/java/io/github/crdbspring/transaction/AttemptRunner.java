package io.github.crdbspring.transaction;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.jdbc.TransactionEnd;
import io.github.crdbspring.transaction.AttemptFailure.Verdict;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.AbstractTransactionStatus;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs one attempt in a transaction of its own, which begins and ends here.
 */
final class AttemptRunner {

	private final PlatformTransactionManager transactionManager;

	private final DataSource dataSource;

	private final JdbcTemplate jdbcTemplate;

	private final FailureInterpreter interpreter;

	private final PersistenceContext persistenceContext;

	private final ServerOptions serverOptions;

	private final TransactionOutcomes outcomes;

	AttemptRunner(PlatformTransactionManager transactionManager, DataSource dataSource,
			CrdbTransactionSettings settings, ServerOptions serverOptions, TransactionOutcomes outcomes) {
		this.transactionManager = transactionManager;
		this.dataSource = dataSource;
		this.jdbcTemplate = new JdbcTemplate(dataSource);
		this.interpreter = new FailureInterpreter(settings, this.jdbcTemplate::getExceptionTranslator);
		this.persistenceContext = PersistenceContext.of(transactionManager);
		this.serverOptions = serverOptions;
		this.outcomes = outcomes;
	}

	/**
	 * Run an attempt.
	 * @param propagation how Spring is to begin the transaction
	 */
	<T extends @Nullable Object> T run(TransactionAttempt attempt, int propagation, TransactionCallback<T> action)
			throws AttemptFailure {
		TransactionStatus status = begin(attempt, propagation);
		BoundTransaction transaction = bind(attempt, status);
		try {
			T result = call(status, transaction, action);
			complete(status, transaction);
			return result;
		}
		finally {
			transaction.unbind();
		}
	}

	/**
	 * Bind a transaction that has just begun.
	 */
	BoundTransaction bind(TransactionAttempt attempt, TransactionExecution execution) {
		return BoundTransaction.bind(attempt, execution, this.dataSource, this.persistenceContext.session(),
				this.outcomes);
	}

	/**
	 * Whether the transaction manager has bound a connection for the DataSource at all.
	 */
	boolean isOnDataSource() {
		return TransactionSynchronizationManager.getResource(this.dataSource) instanceof ConnectionHolder;
	}

	/**
	 * Do what comes first in a transaction.
	 */
	void start(BoundTransaction transaction) {
		TransactionAttempt attempt = transaction.attempt();
		if (!isOnDataSource()) {
			throw new IllegalTransactionStateException("Transaction '" + attempt.name() + "' cannot run: "
					+ this.transactionManager + " began one that is not on the DataSource of this template, so "
					+ "that nothing could be rolled back and run again. Use the transaction manager of "
					+ this.dataSource);
		}
		if (attempt.isExpired()) {
			throw new TransactionTimedOutException("The timeout passed while a connection was waited for");
		}
		transaction.findOpenConnection();
		this.serverOptions.check(attempt.options());
		String setTransaction = SetTransaction.render(attempt.options(), attempt.number());
		if (setTransaction != null && !transaction.sendWithFirstStatement(setTransaction)) {
			this.jdbcTemplate.execute(setTransaction);
		}
	}

	/**
	 * A transaction has failed, and its transaction manager has ended it.
	 */
	AttemptFailure ended(BoundTransaction transaction, Throwable failure) {
		transaction.rollBackIfOpen(failure);
		AttemptFailure interpreted = this.interpreter.interpret(transaction, failure);
		if (interpreted.verdict() != Verdict.COMMITTED) {
			this.persistenceContext.clearAfter(failure);
		}
		return interpreted;
	}

	private TransactionStatus begin(TransactionAttempt attempt, int propagation) throws AttemptFailure {
		TransactionStatus status;
		try {
			status = this.transactionManager
				.getTransaction(attempt.options().definition(propagation, attempt.remaining()));
		}
		catch (Throwable ex) {
			// No connection could be had; the pool has waited for one already
			throw new AttemptFailure(Verdict.FINAL, ex);
		}
		if (!status.isNewTransaction()) {
			throw new AttemptFailure(Verdict.REJECTED,
					new NestedTransactionRejectedException("Transaction '" + attempt.name()
							+ "' cannot run on its own: the transaction manager made it a part of a "
							+ "transaction that was active already, and that this library did not see"));
		}
		return status;
	}

	private <T extends @Nullable Object> T call(TransactionStatus status, BoundTransaction transaction,
			TransactionCallback<T> action) throws AttemptFailure {
		try {
			start(transaction);
			return action.doInTransaction(status);
		}
		catch (Throwable ex) {
			throw failed(status, transaction, ex);
		}
	}

	private void complete(TransactionStatus status, BoundTransaction transaction) throws AttemptFailure {
		if (status instanceof AbstractTransactionStatus abstractStatus && abstractStatus.isLocalRollbackOnly()) {
			rollBackAsAsked(status, transaction);
			return;
		}
		try {
			// The connection asks again right before COMMIT. Asked here already, a
			// refusal is followed by an ordinary rollback, and callbacks before COMMIT
			// do not run
			transaction.requireGuardedConnection();
			transaction.beforeCommit();
		}
		catch (Throwable ex) {
			throw failed(status, transaction, ex);
		}
		transaction.ending();
		try {
			this.transactionManager.commit(status);
			requireSuccess(transaction);
		}
		catch (Throwable ex) {
			throw ended(transaction, ex);
		}
		committed(transaction);
	}

	private void rollBackAsAsked(TransactionStatus status, BoundTransaction transaction) throws AttemptFailure {
		transaction.ending();
		try {
			try {
				transaction.findOpenConnection();
			}
			finally {
				this.transactionManager.rollback(status);
			}
		}
		catch (Throwable ex) {
			throw ended(transaction, ex);
		}
		rolledBack(transaction);
	}

	/**
	 * Believe in a commit only if the connection has seen it, too: a statement of the
	 * transaction's own may have failed to commit it, and its error was swallowed.
	 */
	private static void requireSuccess(BoundTransaction transaction) {
		TransactionEnd end = transaction.end();
		if (end == TransactionEnd.ROLLED_BACK || end == TransactionEnd.UNKNOWN) {
			throw new UnexpectedRollbackException("Transaction '" + transaction.attempt().name()
					+ "' was ended by a statement of its own, which did not commit it for certain");
		}
	}

	/**
	 * Take note that a transaction ended without a failure.
	 * @param rolledBack whether it was rolled back, as was then asked for
	 */
	void returned(BoundTransaction transaction, boolean rolledBack) throws AttemptFailure {
		if (rolledBack) {
			rolledBack(transaction);
			return;
		}
		try {
			requireSuccess(transaction);
		}
		catch (UnexpectedRollbackException ex) {
			throw ended(transaction, ex);
		}
		committed(transaction);
	}

	/**
	 * Take note of a commit, unless the connection has not seen one at all. Let go of a
	 * connection that was lost although the transaction was committed, which had to be
	 * found out.
	 */
	private void committed(BoundTransaction transaction) throws AttemptFailure {
		if (transaction.end() == TransactionEnd.OPEN) {
			throw this.interpreter.unseenCommit(transaction, this.transactionManager);
		}
		if (transaction.isConnectionLost()) {
			this.persistenceContext.disconnect();
		}
	}

	/**
	 * Take note that a transaction was rolled back as its callback asked, unless a part
	 * of it is committed.
	 */
	private void rolledBack(BoundTransaction transaction) throws AttemptFailure {
		if (transaction.committedBy() != null) {
			throw this.interpreter.partlyCommitted(transaction);
		}
		if (transaction.end() == TransactionEnd.UNKNOWN) {
			throw ended(transaction, new UnexpectedRollbackException("A rollback was asked for, but a statement had "
					+ "ended the transaction, and nobody knows whether it was committed"));
		}
		transaction.attempt().rolledBack();
	}

	/**
	 * Roll back, and then ask the connection what is true.
	 */
	private AttemptFailure failed(TransactionStatus status, BoundTransaction transaction, Throwable failure) {
		this.interpreter.findConnection(transaction, failure);
		transaction.ending();
		try {
			this.transactionManager.rollback(status);
		}
		catch (Throwable ex) {
			if (ex != failure) {
				failure.addSuppressed(ex);
			}
		}
		return ended(transaction, failure);
	}

}
