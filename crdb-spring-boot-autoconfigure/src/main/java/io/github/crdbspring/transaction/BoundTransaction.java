package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A transaction that this library began, bound to its thread. As a synchronization it
 * learns how far the transaction manager got: an exception that comes out of a commit may
 * come from before COMMIT, from COMMIT, or from a callback after it.
 */
final class BoundTransaction implements TransactionSynchronization {

	private static final ThreadLocal<@Nullable BoundTransaction> current = new ThreadLocal<>();

	private final TransactionAttempt attempt;

	private final DataSource dataSource;

	private final @Nullable Object resource;

	private final @Nullable BoundTransaction enclosing;

	private @Nullable Throwable joinedFailure;

	private boolean commitReached;

	private boolean completing;

	private boolean committed;

	private boolean ended;

	private BoundTransaction(TransactionAttempt attempt, DataSource dataSource, @Nullable BoundTransaction enclosing) {
		this.attempt = attempt;
		this.dataSource = dataSource;
		this.resource = TransactionSynchronizationManager.getResource(dataSource);
		this.enclosing = enclosing;
	}

	/**
	 * Bind the transaction that has just begun.
	 */
	static BoundTransaction bind(TransactionAttempt attempt, DataSource dataSource) {
		BoundTransaction transaction = new BoundTransaction(attempt, dataSource, current.get());
		current.set(transaction);
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			TransactionSynchronizationManager.registerSynchronization(transaction);
		}
		return transaction;
	}

	void unbind() {
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
	 * Remember the first failure of a transaction that joined this one, which must not
	 * get lost when it is swallowed on its way out.
	 */
	void joinedTransactionFailed(Throwable failure) {
		if (this.joinedFailure == null) {
			this.joinedFailure = failure;
		}
	}

	@Nullable Throwable joinedFailure() {
		return this.joinedFailure;
	}

	boolean isCommitReached() {
		return this.commitReached;
	}

	boolean isCommitted() {
		return this.committed;
	}

	/**
	 * Whether the transaction has ended and only its callbacks are still to be called.
	 * Its connection is bound to the thread until then.
	 */
	boolean isEnded() {
		return this.ended;
	}

	/**
	 * Have the checks before COMMIT repeated as the last of all callbacks: another one
	 * may have taken long, or swallowed a failure.
	 */
	void checkLastBeforeCommit() {
		// Without callbacks of others there is nothing to come after, and one is much
		// cheaper than two
		if (TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.getSynchronizations().size() > 1) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void beforeCommit(boolean readOnly) {
					BoundTransaction.this.beforeCommit(readOnly);
				}
			});
		}
	}

	@Override
	public void savepointRollback(Object savepoint) {
		// Spring sets no savepoint after a failure, so that what failed came after it
		this.joinedFailure = null;
	}

	@Override
	public void beforeCommit(boolean readOnly) {
		this.commitReached = false;
		if (this.attempt.isExpired()) {
			throw new TransactionTimedOutException("The timeout passed before COMMIT; the transaction is rolled back");
		}
		if (this.joinedFailure != null) {
			throw new UnexpectedRollbackException("A part of the transaction failed, and its failure was swallowed",
					this.joinedFailure);
		}
		this.commitReached = true;
	}

	@Override
	public void beforeCompletion() {
		this.completing = true;
	}

	@Override
	public void afterCommit() {
		this.ended = true;
	}

	@Override
	public void afterCompletion(int status) {
		this.ended = true;
		this.committed = (status == STATUS_COMMITTED);
		if (!this.completing) {
			// A TransactionException of a callback before COMMIT: Spring takes it for one
			// of COMMIT and does not roll back; switching auto-commit on would commit
			new JdbcTemplate(this.dataSource).execute((ConnectionCallback<Boolean>) BoundTransaction::rollBack);
		}
	}

	private static Boolean rollBack(Connection connection) throws SQLException {
		connection.rollback();
		return true;
	}

}
