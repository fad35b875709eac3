package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CommitMark;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.jdbc.TransactionEnd;
import io.github.crdbspring.transaction.CommitRefusedException.Reason;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.jspecify.annotations.Nullable;

import org.springframework.core.PriorityOrdered;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A transaction that this library began, bound to its thread. How it ended it asks the
 * guarded connection that it used; it has the last word before COMMIT is sent.
 */
final class BoundTransaction implements GuardedConnection.Companion, TransactionSynchronization, PriorityOrdered {

	private static final ThreadLocal<@Nullable BoundTransaction> current = new ThreadLocal<>();

	private final TransactionAttempt attempt;

	private final TransactionExecution execution;

	private final DataSource dataSource;

	private final @Nullable Object resource;

	private final PersistenceContext.Session session;

	private final TransactionOutcomes outcomes;

	private final @Nullable BoundTransaction enclosing;

	private @Nullable GuardedConnection connection;

	private boolean unguarded;

	private @Nullable Throwable joinedFailure;

	private @Nullable CommitRefusedException refusal;

	private @Nullable String committedBy;

	private @Nullable String rolledBackBy;

	private @Nullable TransactionEnd end;

	private @Nullable SQLException firstError;

	private boolean connectionLost;

	private boolean ending;

	private boolean registered;

	private boolean commitReached;

	private boolean commitReturned;

	private boolean over;

	private BoundTransaction(TransactionAttempt attempt, TransactionExecution execution, DataSource dataSource,
			PersistenceContext.Session session, TransactionOutcomes outcomes, @Nullable BoundTransaction enclosing) {
		this.attempt = attempt;
		this.execution = execution;
		this.dataSource = dataSource;
		this.resource = TransactionSynchronizationManager.getResource(dataSource);
		this.session = session;
		this.outcomes = outcomes;
		this.enclosing = enclosing;
	}

	/**
	 * Bind the transaction that has just begun.
	 */
	static BoundTransaction bind(TransactionAttempt attempt, TransactionExecution execution, DataSource dataSource,
			PersistenceContext.Session session, TransactionOutcomes outcomes) {
		BoundTransaction transaction = new BoundTransaction(attempt, execution, dataSource, session, outcomes,
				current.get());
		attempt.transactionBegan(execution);
		current.set(transaction);
		return transaction;
	}

	void unbind() {
		this.attempt.transactionEnded();
		if (this.enclosing != null) {
			current.set(this.enclosing);
		}
		else {
			current.remove();
		}
	}

	static @Nullable BoundTransaction current() {
		return current.get();
	}

	/**
	 * Find the transaction that is active on the DataSource, if this library began it.
	 * One that was begun inside it with {@code REQUIRES_NEW} has another resource and
	 * hides it.
	 */
	static @Nullable BoundTransaction on(DataSource dataSource) {
		Object resource = TransactionSynchronizationManager.getResource(dataSource);
		for (BoundTransaction candidate = current.get(); candidate != null; candidate = candidate.enclosing) {
			if (candidate.dataSource == dataSource && candidate.resource == resource) {
				return candidate;
			}
		}
		return null;
	}

	TransactionAttempt attempt() {
		return this.attempt;
	}

	/**
	 * Whether this is the transaction that the thread's statements are in: it has not
	 * ended, and no other one was begun inside it.
	 */
	boolean isActive() {
		return !isOver() && TransactionSynchronizationManager.isActualTransactionActive()
				&& TransactionSynchronizationManager.getResource(this.dataSource) == this.resource;
	}

	boolean isIn(TransactionExecution execution) {
		return this.execution == execution;
	}

	/**
	 * Accompany the transaction on its connection, if that has been opened already. It is
	 * not opened just for this: with JPA a transaction may need it late, or never.
	 */
	void findOpenConnection() {
		if (this.resource instanceof ConnectionHolder holder) {
			boolean open = holder.isSynchronizedWithTransaction() ? holder.getConnection() instanceof GuardedConnection
					: this.session.isConnected();
			if (open) {
				findConnection();
			}
		}
	}

	/**
	 * Return the guarded connection of the transaction, which is opened now if it has not
	 * been needed so far.
	 * @return the connection, {@code null} if the transaction uses one that is not
	 * guarded
	 */
	@Nullable GuardedConnection findConnection() {
		if (this.connection == null && this.resource instanceof ConnectionHolder holder) {
			this.connection = guarded(holder.getConnection());
			this.unguarded = this.connection == null;
			if (this.connection != null) {
				this.connection.accompany(this);
			}
		}
		return this.connection;
	}

	/**
	 * Have options sent with the first statement, where the connection does that.
	 */
	boolean sendWithFirstStatement(String options) {
		GuardedConnection connection = findConnection();
		return connection != null && connection.sendWithFirstStatement(options);
	}

	private static @Nullable GuardedConnection guarded(Connection connection) {
		if (connection instanceof GuardedConnection guarded) {
			return guarded;
		}
		try {
			return connection.isWrapperFor(GuardedConnection.class) ? connection.unwrap(GuardedConnection.class) : null;
		}
		catch (SQLException ex) {
			return null;
		}
	}

	/**
	 * Return how the transaction ended. Without a connection it has done nothing.
	 */
	TransactionEnd end() {
		if (this.end != null) {
			return this.end;
		}
		return (this.connection != null) ? this.connection.transactionEnd() : TransactionEnd.ROLLED_BACK;
	}

	@Override
	public void ended(TransactionEnd end) {
		this.firstError = findFirstError();
		this.connectionLost = isConnectionLost();
		this.end = end;
		this.attempt.transactionEnded();
	}

	/**
	 * Whether the transaction's own connection was lost.
	 */
	boolean isConnectionLost() {
		return (this.end != null) ? this.connectionLost : this.connection != null && this.connection.isLost();
	}

	/**
	 * Return the first error that a statement of the transaction failed with, as far as
	 * it is known.
	 */
	@Nullable SQLException findFirstError() {
		if (this.end != null || this.connection == null) {
			return this.firstError;
		}
		try {
			return this.connection.findTransactionFailure();
		}
		catch (SQLException ex) {
			return ex;
		}
	}

	/**
	 * Remember the first failure of a transaction that joined this one, which must not
	 * get lost when it is swallowed on its way out.
	 */
	void joinedTransactionFailed(Throwable failure) {
		findOpenConnection();
		if (this.joinedFailure == null) {
			this.joinedFailure = failure;
		}
	}

	@Nullable Throwable joinedFailure() {
		return this.joinedFailure;
	}

	/**
	 * Return why this transaction did not let itself be committed.
	 */
	@Nullable CommitRefusedException refusal() {
		return this.refusal;
	}

	/**
	 * Return the statement, if any, that ended the transaction and left committed what
	 * came before it.
	 */
	@Nullable String committedBy() {
		return this.committedBy;
	}

	/**
	 * Whether nothing but the commit was left to do, so that an earlier error had been
	 * swallowed.
	 */
	boolean isCommitReached() {
		return this.commitReached;
	}

	/**
	 * Whether the transaction manager had finished its own work for the commit, so that
	 * what fails is a callback after it.
	 */
	boolean hasCommitReturned() {
		return this.commitReturned;
	}

	/**
	 * Roll back what the transaction manager has left open after a failure: it takes the
	 * exception of a callback before the commit for one of the commit.
	 */
	void rollBackIfOpen(Throwable failure) {
		this.session.rollBackAfter(failure);
	}

	@Override
	public void beforeCommit() {
		if (this.rolledBackBy != null) {
			throw refuse(Reason.PARTLY_ROLLED_BACK,
					"A part of the transaction was rolled back by a statement of its own, " + this.rolledBackBy
							+ "; the rest is rolled back, too");
		}
		if (this.joinedFailure != null) {
			throw refuse(Reason.JOINED_FAILURE,
					"A part of the transaction failed, and its failure was swallowed; everything is rolled back");
		}
		if (this.attempt.isExpired()) {
			throw refuse(Reason.EXPIRED, "The timeout passed before COMMIT; the transaction is rolled back");
		}
		this.commitReached = true;
		registerBesideOthers();
	}

	@Override
	public @Nullable CommitMark commitMark() {
		UUID id = this.attempt.transactionId();
		if (id == null) {
			return null;
		}
		this.attempt.marked();
		return new AttemptMark(this.attempt, id, this.outcomes);
	}

	/**
	 * Refuse a commit of which nobody would know how it ended.
	 */
	void requireGuardedConnection() {
		if (findConnection() == null) {
			throw refuse(Reason.UNGUARDED, explainUnguarded());
		}
	}

	/**
	 * Whether the transaction has used a connection that is not guarded.
	 */
	boolean isUnguarded() {
		return this.unguarded;
	}

	String explainUnguarded() {
		return "Transaction '" + this.attempt.name() + "' used a connection that is not guarded, so there would be no "
				+ "way to know how it ended. It was rolled back, and is not run again. The connection does not come from "
				+ this.dataSource + ". If a provider of connections for tenants has pools of its own, wrap each of "
				+ "them: new CrdbDataSource(pool)";
	}

	/**
	 * Refuse to be committed. Not with a {@code TransactionException}: a transaction
	 * manager takes one for a failure of COMMIT, and does not roll back.
	 */
	private CommitRefusedException refuse(Reason reason, String explanation) {
		this.refusal = new CommitRefusedException(reason, explanation);
		return this.refusal;
	}

	@Override
	public void rolledBackToSavepoint() {
		// Spring sets no savepoint after a failure, so that what failed came after it
		this.joinedFailure = null;
	}

	@Override
	public void endedBy(String statement, boolean rollback) {
		if (rollback) {
			this.rolledBackBy = statement;
		}
		else {
			this.committedBy = statement;
		}
	}

	/**
	 * Whether the transaction has ended and only its callbacks are still to be called.
	 * Its connection is bound to the thread until then.
	 */
	@Override
	public boolean isOver() {
		return this.over || this.end != null || this.execution.isCompleted();
	}

	/**
	 * Be told, as the first of all callbacks, when the transaction ends.
	 */
	void register() {
		if (!this.registered && TransactionSynchronizationManager.isSynchronizationActive()) {
			this.registered = true;
			TransactionSynchronizationManager.registerSynchronization(this);
		}
	}

	/**
	 * What is called back cannot be told from COMMIT itself but by a callback before it.
	 * Without any, there is no need for one, which costs more than all else here.
	 */
	private void registerBesideOthers() {
		if (!this.registered && TransactionSynchronizationManager.isSynchronizationActive()
				&& !TransactionSynchronizationManager.getSynchronizations().isEmpty()) {
			register();
		}
	}

	/**
	 * Before all other callbacks, which may ask whether the transaction is over, and may
	 * fail.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	/**
	 * Take note that the transaction manager is told to end the transaction.
	 */
	void ending() {
		this.ending = true;
		registerBesideOthers();
	}

	@Override
	public boolean isEnding() {
		return this.ending;
	}

	@Override
	public void beforeCompletion() {
		ending();
		findOpenConnection();
	}

	@Override
	public void afterCommit() {
		this.commitReturned = true;
		over();
	}

	@Override
	public void afterCompletion(int status) {
		over();
	}

	private void over() {
		this.over = true;
		this.attempt.transactionEnded();
	}

}
