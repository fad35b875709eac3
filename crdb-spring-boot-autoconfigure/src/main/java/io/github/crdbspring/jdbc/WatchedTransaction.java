package io.github.crdbspring.jdbc;

import java.sql.SQLException;

import io.github.crdbspring.error.FailedTransactionCommitException;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the last transaction on a connection: whether it is open, the first
 * error in it, what has ended it and how, and who accompanies it.
 */
final class WatchedTransaction {

	private @Nullable SQLException firstError;

	private TransactionEnd end = TransactionEnd.OPEN;

	/**
	 * Whether the server has a transaction open, as far as statements have shown.
	 */
	private boolean begun;

	/**
	 * Whether {@code commit()} or {@code rollback()} has ended the transaction. What
	 * comes then is another one.
	 */
	private boolean completed;

	private boolean commitFailed;

	/**
	 * The statement that ended the transaction, if one did.
	 */
	private @Nullable StatementText endingStatement;

	private GuardedConnection.@Nullable Companion companion;

	TransactionEnd end() {
		return this.end;
	}

	boolean isBegun() {
		return this.begun;
	}

	boolean isCompleted() {
		return this.completed;
	}

	/**
	 * Whether it has ended, and no statement was executed since then.
	 */
	boolean isOver() {
		return this.completed && !this.begun;
	}

	@Nullable SQLException firstError() {
		return this.firstError;
	}

	GuardedConnection.@Nullable Companion companion() {
		return this.companion;
	}

	/**
	 * The companion may come after the transaction's first statements, where its
	 * connection was not known earlier. If one of them has ended the transaction, the
	 * companion is told so now.
	 */
	void accompany(GuardedConnection.Companion companion) {
		if (this.completed || (!this.begun && this.endingStatement == null)) {
			forget();
		}
		this.companion = companion;
		if (this.endingStatement != null && this.end == TransactionEnd.ELSEWHERE) {
			companion.endedBy(this.endingStatement.describe(), this.endingStatement.isRollback());
		}
	}

	private void forget() {
		this.end = TransactionEnd.OPEN;
		this.completed = false;
		this.commitFailed = false;
		this.firstError = null;
		this.endingStatement = null;
	}

	/**
	 * A statement was executed in it.
	 */
	void begin() {
		if (this.completed) {
			forget();
		}
		else if (this.endingStatement != null) {
			this.end = TransactionEnd.ELSEWHERE;
		}
		this.begun = true;
	}

	/**
	 * The server has it failed.
	 * @param failure the error that shows it
	 */
	void failed(SQLException failure) {
		this.firstError = (this.firstError != null) ? this.firstError : failure;
	}

	/**
	 * It can go on: it has not failed, or what had failed was undone.
	 */
	void recovered() {
		this.firstError = null;
	}

	/**
	 * It was rolled back to a savepoint.
	 */
	void rolledBackToSavepoint() {
		recovered();
		if (this.companion != null) {
			this.companion.rolledBackToSavepoint();
		}
	}

	/**
	 * A statement has ended it.
	 * @throws FailedTransactionCommitException if it had failed, and the statement does
	 * not say that it rolls back
	 */
	void endedBy(StatementText statement) throws SQLException {
		SQLException failure = this.firstError;
		if (this.completed) {
			forget();
		}
		boolean alreadyEnded = this.endingStatement != null;
		this.begun = false;
		this.endingStatement = statement;
		if (failure != null && !statement.isRollback()) {
			this.end = alreadyEnded ? TransactionEnd.ELSEWHERE : TransactionEnd.ROLLED_BACK;
			if (this.companion != null) {
				this.companion.endedBy(statement.describe(), true);
			}
			throw new FailedTransactionCommitException(
					"The statement ended a transaction that had already failed, so that nothing was committed: "
							+ failure.getMessage(),
					failure.getSQLState(), failure);
		}
		this.firstError = null;
		this.end = TransactionEnd.ELSEWHERE;
		if (this.companion != null) {
			this.companion.endedBy(statement.describe(), statement.isRollback());
		}
	}

	/**
	 * A statement that would have ended it failed, and has ended it all the same.
	 */
	void endedBy(StatementText statement, TransactionEnd outcome, SQLException failure) {
		this.endingStatement = statement;
		this.begun = false;
		this.firstError = failure;
		this.end = outcome;
	}

	/**
	 * The connection was lost while a statement was executed that may have committed.
	 */
	void lostDuring(StatementText statement) {
		this.end = TransactionEnd.UNKNOWN;
		this.endingStatement = statement;
	}

	/**
	 * COMMIT failed.
	 */
	void commitFailed(TransactionEnd outcome, SQLException failure) {
		this.commitFailed = true;
		this.firstError = failure;
		ended(outcome);
	}

	/**
	 * Whether COMMIT failed, so that a rollback has nothing to do any more.
	 */
	boolean isCommitFailed() {
		return this.commitFailed;
	}

	/**
	 * It was rolled back. After an end there is nothing to roll back, and what is known
	 * of it stays.
	 */
	void rolledBack(TransactionEnd outcome) {
		this.commitFailed = false;
		if (!isOver()) {
			ended(outcome);
		}
	}

	/**
	 * {@code commit()} or {@code rollback()} has ended it, unless a statement had done so
	 * before.
	 */
	void ended(TransactionEnd outcome) {
		if (this.endingStatement == null || this.completed) {
			this.end = outcome;
		}
		this.begun = false;
		this.completed = true;
		GuardedConnection.Companion companion = this.companion;
		this.companion = null;
		if (companion != null) {
			companion.ended(this.end);
		}
	}

}
