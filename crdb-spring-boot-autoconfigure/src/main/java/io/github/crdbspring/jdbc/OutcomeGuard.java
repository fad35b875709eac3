package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;

import javax.sql.DataSource;

import io.github.crdbspring.error.CommitOutcomeUnknownException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.error.SqlState;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * The only witness of how the transactions of one connection end. It sends COMMIT, and
 * looks at the driver's transaction state after each statement: outside of auto-commit
 * mode the driver sends BEGIN with a transaction's first statement, so a state of IDLE
 * after a statement means that this statement has ended the transaction.
 *
 * @see org.postgresql.core.BaseConnection#getTransactionState()
 */
final class OutcomeGuard {

	private static final Log logger = LogFactory.getLog(OutcomeGuard.class);

	private final Connection target;

	/**
	 * The driver's connection, {@code null} where the pool does not lead to it: then
	 * nothing but commits and rollbacks can be watched.
	 */
	private final @Nullable BaseConnection driver;

	private final CommitErrors commitErrors;

	private final FaultInjector.@Nullable Faults faults;

	private final ConnectionLimits limits;

	/**
	 * What has handed out the connection, {@code null} if that is unknown.
	 */
	private final @Nullable DataSource source;

	private final WatchedTransaction transaction = new WatchedTransaction();

	private boolean weakIsolation;

	private boolean lost;

	/**
	 * What a statement failed with when the connection was lost.
	 */
	private @Nullable SQLException loss;

	/**
	 * When the last statement had ended, as far as that matters.
	 */
	private long lastActivity;

	private boolean closed;

	OutcomeGuard(Connection target, @Nullable BaseConnection driver, CommitErrors commitErrors, ConnectionLimits limits,
			@Nullable FaultInjector injector, @Nullable DataSource source) throws SQLException {
		this.target = target;
		this.driver = driver;
		this.commitErrors = commitErrors;
		this.limits = limits;
		this.source = source;
		this.faults = (injector != null) ? injector.open(target, source) : null;
	}

	/**
	 * Return the driver's connection, if the pool leads to it.
	 */
	@Nullable BaseConnection driver() {
		return this.driver;
	}

	TransactionEnd end() {
		return this.transaction.end();
	}

	/**
	 * What happens to the connection after the transaction's end does not concern it.
	 */
	boolean isLost() {
		return this.lost
				|| (!this.transaction.isCompleted() && !this.closed && this.driver != null && isClosed(this.driver));
	}

	void accompany(GuardedConnection.Companion companion) {
		this.transaction.accompany(companion);
		if (this.faults != null) {
			this.faults.accompanied();
		}
	}

	void isolationSet(int level) {
		this.weakIsolation = level < Connection.TRANSACTION_SERIALIZABLE;
	}

	/**
	 * Options of the transaction are sent together with its first statement.
	 */
	void optionsSent(StatementText options) {
		this.weakIsolation = this.weakIsolation || this.commitErrors.areWeakenedBy(options);
	}

	boolean isAccompanied() {
		return this.transaction.companion() != null;
	}

	/**
	 * Let a statement fail that the server has executed, where faults are injected.
	 */
	void injectInto(Object executed, StatementText statement) throws SQLException {
		if (this.faults != null) {
			this.faults.executed(executed, statement.sql(), isAccompanied());
		}
	}

	/**
	 * Return how long the transaction has been idle.
	 * @return a duration, {@code null} if it does not matter or there is no transaction
	 */
	@Nullable Duration idle() {
		return (this.transaction.isBegun() && this.limits.idleInTransaction() != null)
				? Duration.ofNanos(System.nanoTime() - this.lastActivity) : null;
	}

	private void active() {
		if (this.limits.idleInTransaction() != null) {
			this.lastActivity = System.nanoTime();
		}
	}

	/**
	 * A statement has been executed.
	 */
	void executed(StatementText statement) throws SQLException {
		active();
		if (this.driver == null) {
			if (!this.target.getAutoCommit()) {
				this.transaction.begin();
			}
			return;
		}
		if (this.driver.isClosed() || this.driver.getAutoCommit()) {
			return;
		}
		this.weakIsolation = this.weakIsolation || this.commitErrors.areWeakenedBy(statement);
		TransactionState state = this.driver.getTransactionState();
		if (state == TransactionState.IDLE) {
			this.transaction.endedBy(statement);
			return;
		}
		if (statement.endsTransaction()) {
			this.transaction.endedBy(statement);
		}
		this.transaction.begin();
		if (state == TransactionState.OPEN) {
			// A savepoint may have undone what had failed
			this.transaction.recovered();
		}
		if (this.commitErrors.isCockroach() && statement.releasesRetrySavepoint()) {
			this.transaction.endedBy(statement);
		}
	}

	/**
	 * A statement failed.
	 * @param size about how many bytes its largest message had
	 * @param idle how long the transaction had been idle before it, {@code null} if that
	 * does not matter
	 * @return the failure as the caller is to see it: one that says more, or the same
	 */
	SQLException failed(StatementText statement, SQLException failure, long size, @Nullable Duration idle)
			throws SQLException {
		active();
		SQLException explained = failure;
		// A pool may give up a connection that is alive: HikariCP does for all of class
		// 08
		if (SqlState.isConnectionError(failure.getSQLState()) || (this.driver != null && this.driver.isClosed())) {
			explained = this.limits.explain(failure, size, idle);
			this.loss = explained;
		}
		failed(statement, failure);
		return explained;
	}

	private void failed(StatementText statement, SQLException failure) throws SQLException {
		this.lost = this.lost || SqlState.isConnectionLost(failure.getSQLState());
		if (this.driver == null) {
			if (!this.target.isClosed() && !this.target.getAutoCommit()) {
				this.transaction.begin();
			}
			return;
		}
		if (this.driver.isClosed()) {
			this.lost = true;
			if (statement.mayCommit(this.commitErrors.commitsBeforeSchemaChange())) {
				this.transaction.lostDuring(statement);
			}
			return;
		}
		if (this.driver.getAutoCommit()) {
			return;
		}
		TransactionState state = this.driver.getTransactionState();
		if (state == TransactionState.IDLE) {
			// A single statement that failed together with its BEGIN has done nothing
			boolean begun = this.transaction.isBegun();
			if (begun && statement.isCommit() && this.transaction.firstError() == null) {
				this.transaction.endedBy(statement,
						this.commitErrors.outcomeOf(failure, this.target, this.weakIsolation), FirstError.of(failure));
			}
			else if (begun || (MissingFeature.isFromServer(failure) && statement.isSeveral())) {
				this.transaction.endedBy(statement);
			}
			return;
		}
		this.transaction.begin();
		if (state == TransactionState.FAILED) {
			this.transaction.failed(FirstError.of(failure));
		}
	}

	/**
	 * A statement ended in what is no SQLException: a fault of the driver's or of the
	 * JVM's. Version 42.7.11 of the driver has one in a batch whose connection is lost.
	 */
	void brokenOff(StatementText statement, Throwable failure) throws SQLException {
		abortAfter(failure);
		failed(statement, new SQLException("The statement was broken off", failure));
		if (this.transaction.isBegun() && statement.mayCommit(this.commitErrors.commitsBeforeSchemaChange())) {
			this.transaction.lostDuring(statement);
		}
	}

	/**
	 * After an Error nobody knows how much of the server's answer has been read: the next
	 * statement might get it as its own.
	 */
	private void abortAfter(Throwable failure) {
		if (failure instanceof Error && this.driver != null) {
			try {
				this.driver.abort(Runnable::run);
			}
			catch (SQLException ex) {
				failure.addSuppressed(ex);
			}
		}
	}

	void commit() throws SQLException {
		if (isByHand()) {
			SQLException failure = findOpenFailure();
			if (failure != null) {
				this.transaction.failed(failure);
			}
			endByHand("COMMIT", this.target::commit);
		}
		else {
			commit(this.target::commit, true);
		}
	}

	/**
	 * Whether it is not whoever began the transaction that ends it.
	 */
	private boolean isByHand() {
		GuardedConnection.Companion companion = this.transaction.companion();
		return companion != null && this.driver != null && !companion.isEnding() && mayBeOpen();
	}

	private void endByHand(String statement, CommitStep step) throws SQLException {
		StatementText text = StatementText.of(statement);
		try {
			step.run();
		}
		catch (SQLException ex) {
			failed(text, ex);
			throw (end() == TransactionEnd.UNKNOWN) ? CommitErrors.outcomeUnknown(ex) : ex;
		}
		catch (RuntimeException | Error ex) {
			brokenOff(text, ex);
			throw ex;
		}
		executed(text);
	}

	/**
	 * Switching auto-commit on commits, if there is a transaction.
	 */
	void switchAutoCommitOn() throws SQLException {
		GuardedConnection.Companion companion = this.transaction.companion();
		if (this.target.isClosed() || this.target.getAutoCommit() || !mayBeOpen()) {
			this.target.setAutoCommit(true);
		}
		else if (companion == null) {
			commit(() -> this.target.setAutoCommit(true));
		}
		else if (companion.isOver()) {
			rollback();
			this.target.setAutoCommit(true);
		}
		else {
			throw new SQLException(
					"Auto-commit cannot be switched on inside a transaction that is retried as a whole, "
							+ "since that would commit a part of it. Do it outside, or on another connection",
					SqlState.INVALID_TRANSACTION_STATE);
		}
	}

	private boolean mayBeOpen() {
		return this.driver == null || this.driver.getTransactionState() != TransactionState.IDLE;
	}

	/**
	 * Commit with a step of JDBC's, and tell apart: not committed because it had failed
	 * before, committed, certainly not committed, and unknown.
	 */
	void commit(CommitStep step) throws SQLException {
		commit(step, false);
	}

	private void commit(CommitStep step, boolean markable) throws SQLException {
		boolean ended = this.transaction.isOver();
		if (ended && this.driver != null && !mayBeOpen()) {
			step.run();
			return;
		}
		GuardedConnection.Companion companion = this.transaction.companion();
		if (companion != null) {
			companion.beforeCommit();
			requireSeen();
		}
		SQLException failure = findOpenFailure();
		if (failure != null) {
			throw rollBackFailedTransaction(failure);
		}
		MarkedCommit marked = markable ? findMark(companion) : null;
		CommitStep sent = (marked != null) ? marked : step;
		try {
			if (this.faults != null) {
				this.faults.commit(sent::run, companion != null);
			}
			else {
				sent.run();
			}
		}
		catch (SQLException ex) {
			commitFailed(ex, marked);
			return;
		}
		catch (Throwable ex) {
			abortAfter(ex);
			outcomeUnknown(ex, marked);
			return;
		}
		if (!ended || this.driver != null) {
			this.transaction.ended(TransactionEnd.COMMITTED);
		}
	}

	/**
	 * Whether the transaction has ended where it could not be seen, on the driver's own
	 * connection.
	 */
	private boolean isEndedUnseen() {
		return this.transaction.isBegun() && this.driver != null && !isClosed(this.driver) && !mayBeOpen();
	}

	private void requireSeen() throws SQLException {
		if (isEndedUnseen()) {
			SQLException unseen = new SQLException("The transaction was ended on the driver's own connection, "
					+ "which unwrap leads to and nobody guards");
			commitFailed(TransactionEnd.UNKNOWN, unseen);
			throw CommitErrors.outcomeUnknown(unseen);
		}
	}

	private @Nullable MarkedCommit findMark(GuardedConnection.@Nullable Companion companion) throws SQLException {
		CommitMark mark = (companion != null && this.driver != null && mayBeOpen()) ? companion.commitMark() : null;
		return (mark != null) ? new MarkedCommit(this.target, mark, origin()) : null;
	}

	private @Nullable ConnectionOrigin origin() throws SQLException {
		return (this.source != null && this.driver instanceof PgConnection connection)
				? new ConnectionOrigin(this.source, connection.getURL()) : null;
	}

	/**
	 * COMMIT failed.
	 * @throws SQLException unless it turns out that the transaction was committed
	 */
	private void commitFailed(SQLException failure, @Nullable MarkedCommit marked) throws SQLException {
		if (marked != null && this.driver != null && !isClosed(this.driver) && mayBeOpen()) {
			// What failed was the mark, so that COMMIT did not run
			throw rollBack(CommitErrors.markRefused(failure, marked.mark()), failure);
		}
		TransactionEnd outcome = this.commitErrors.outcomeOf(failure, this.target, this.weakIsolation);
		if (outcome == TransactionEnd.UNKNOWN) {
			outcomeUnknown(failure, marked);
			return;
		}
		commitFailed(outcome, failure);
		throw failure;
	}

	/**
	 * Find out what became of a transaction, if it has left a mark.
	 * @throws SQLException unless it turns out that it was committed
	 */
	private void outcomeUnknown(Throwable failure, @Nullable MarkedCommit marked) throws SQLException {
		CommitOutcomeUnknownException unknown = CommitErrors.outcomeUnknown(failure);
		TransactionEnd outcome = TransactionEnd.UNKNOWN;
		if (marked != null) {
			this.lost = true;
			outcome = marked.resolve(unknown);
		}
		switch (outcome) {
			case COMMITTED -> this.transaction.ended(TransactionEnd.COMMITTED);
			case ROLLED_BACK -> {
				SQLException notCommitted = CommitErrors.notCommitted(failure);
				commitFailed(TransactionEnd.ROLLED_BACK, notCommitted);
				throw notCommitted;
			}
			default -> {
				commitFailed(TransactionEnd.UNKNOWN, (failure instanceof SQLException ex) ? ex : unknown);
				throw unknown;
			}
		}
	}

	private void commitFailed(TransactionEnd outcome, SQLException failure) {
		this.lost = isLost();
		this.transaction.commitFailed(outcome, failure);
	}

	private SQLException rollBackFailedTransaction(SQLException failure) {
		return rollBack(new FailedTransactionCommitException(
				"COMMIT was not sent, since the transaction had already failed: " + failure.getMessage(),
				failure.getSQLState(), failure), failure);
	}

	/**
	 * End a transaction that certainly cannot be committed.
	 * @param exception the exception to be thrown
	 * @param failure what it failed with
	 * @return the exception
	 */
	private SQLException rollBack(SQLException exception, SQLException failure) {
		commitFailed(TransactionEnd.ROLLED_BACK, failure);
		try {
			this.target.rollback();
		}
		catch (SQLException ex) {
			exception.addSuppressed(ex);
		}
		return exception;
	}

	void rollback() throws SQLException {
		if (isByHand()) {
			endByHand("ROLLBACK", this.target::rollback);
			return;
		}
		this.lost = isLost();
		TransactionEnd outcome = isEndedUnseen() ? TransactionEnd.UNKNOWN : TransactionEnd.ROLLED_BACK;
		try {
			this.target.rollback();
		}
		catch (SQLException ex) {
			if (!this.transaction.isCommitFailed()) {
				throw ex;
			}
			logger.debug("Rollback failed after a failed commit, which had ended the transaction", ex);
		}
		finally {
			this.transaction.rolledBack(outcome);
		}
	}

	void rollback(Savepoint savepoint) throws SQLException {
		this.target.rollback(savepoint);
		this.transaction.rolledBackToSavepoint();
	}

	/**
	 * What is still open is rolled back by the pool, or with the physical connection.
	 */
	void close() throws SQLException {
		this.lost = isLost();
		if (this.transaction.isBegun() && !this.closed) {
			this.transaction.ended(isEndedUnseen() ? TransactionEnd.UNKNOWN : TransactionEnd.ROLLED_BACK);
		}
		this.closed = true;
		this.target.close();
	}

	@Nullable SQLException findTransactionFailure() throws SQLException {
		if (this.closed || this.transaction.isCompleted()) {
			SQLException firstError = this.transaction.firstError();
			return (firstError != null) ? firstError : this.loss;
		}
		return findOpenFailure();
	}

	private @Nullable SQLException findOpenFailure() throws SQLException {
		if (this.target.isClosed()) {
			this.lost = true;
			return new SQLException("The connection was lost before COMMIT was sent",
					SqlState.CONNECTION_DOES_NOT_EXIST, this.loss);
		}
		if (this.driver == null || this.driver.getTransactionState() != TransactionState.FAILED) {
			return null;
		}
		SQLException firstError = this.transaction.firstError();
		return (firstError != null) ? firstError : FirstError.ask(this.target);
	}

	private static boolean isClosed(BaseConnection driver) {
		try {
			return driver.isClosed();
		}
		catch (SQLException ex) {
			// A connection that fails even at this cannot be used any more
			return true;
		}
	}

	/**
	 * A step of JDBC's that ends a transaction.
	 */
	interface CommitStep {

		void run() throws SQLException;

	}

}
