package io.github.crdbspring.transaction;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What happens to a transaction that is asked for inside another one on the same
 * DataSource: it joins, it is rejected, or it begins beside the other.
 */
final class Nesting {

	private static final Log logger = LogFactory.getLog(CrdbTransactionTemplate.class);

	private final PlatformTransactionManager transactionManager;

	private final DataSource dataSource;

	private final JdbcTransactions jdbcTransactions;

	private final CrdbTransactionOptions usual;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Create a new instance.
	 * @param transactionManager takes part in the active transaction
	 * @param dataSource the DataSource that nesting is about
	 * @param usual the options of transactions that do not ask for any
	 */
	Nesting(PlatformTransactionManager transactionManager, DataSource dataSource, CrdbTransactionOptions usual) {
		this.usual = usual;
		this.transactionManager = transactionManager;
		this.dataSource = dataSource;
		this.jdbcTransactions = new JdbcTransactions(dataSource);
	}

	/**
	 * Whether a transaction is active on the DataSource, whoever began it.
	 */
	boolean isActive() {
		Object resource = TransactionSynchronizationManager.getResource(this.dataSource);
		return resource != null && (findOwn() != null || this.jdbcTransactions.isActive()
		// JPA binds the connection of its transaction as not synchronized; one that
		// is bound without a transaction is synchronized
				|| (resource instanceof ConnectionHolder holder && !holder.isSynchronizedWithTransaction()));
	}

	/**
	 * Find the transaction that is active on the DataSource, if this library began it.
	 */
	@Nullable BoundTransaction findOwn() {
		return BoundTransaction.on(this.dataSource);
	}

	/**
	 * Run a callback as a part of the transaction that is active.
	 */
	<T extends @Nullable Object> T join(CrdbTransactionOptions options, TransactionCallback<T> action) {
		BoundTransaction outer = findOwn();
		check(options, outer);
		TransactionStatus existing = participate(options);
		T result;
		try {
			result = action.doInTransaction(existing);
		}
		catch (Throwable ex) {
			if (outer != null) {
				outer.joinedTransactionFailed(ex);
			}
			markRollbackOnly(existing, ex);
			throw ex;
		}
		this.transactionManager.commit(existing);
		return result;
	}

	/**
	 * Check that a transaction of its own can begin inside the one that is active: its
	 * transaction manager has to know that one, to put it aside.
	 */
	void checkRequiresNew(CrdbTransactionOptions options) {
		try {
			this.transactionManager.commit(participate(options));
		}
		catch (UnexpectedRollbackException ex) {
			logger.trace("The active transaction will be rolled back, which does not concern the new one", ex);
		}
	}

	private void check(CrdbTransactionOptions options, @Nullable BoundTransaction outer) {
		if (outer != null && outer.isOver()) {
			throw rejected(options, "the active transaction '" + outer.attempt().name()
					+ "' has ended, and nobody would commit what is done now; begin a transaction of its own with "
					+ "nested = REQUIRES_NEW, or call it when the outermost call has returned");
		}
		if (options.nested() == NestedTransactionPolicy.REJECT) {
			throw rejected(options, "its nesting policy is REJECT; call it outside of the other transaction");
		}
		if (outer != null) {
			rejectContradiction(options, outer.attempt().options());
		}
		else {
			rejectForeign(options);
		}
	}

	/**
	 * Take part in the active transaction, as read-only, since that is what every
	 * transaction manager lets take part.
	 */
	private TransactionStatus participate(CrdbTransactionOptions options) {
		DefaultTransactionDefinition definition = new DefaultTransactionDefinition(
				TransactionDefinition.PROPAGATION_MANDATORY);
		definition.setReadOnly(true);
		try {
			return this.transactionManager.getTransaction(definition);
		}
		catch (IllegalTransactionStateException ex) {
			throw rejected(options, "another transaction manager began the active transaction on the same DataSource, "
					+ "and two of them would commit each other's work; use the same one for both");
		}
	}

	private void rejectContradiction(CrdbTransactionOptions options, CrdbTransactionOptions outer) {
		if (options.priority() != TransactionPriority.DEFAULT && options.priority() != outer.priority()) {
			throw contradiction(options, outer, "its priority is " + options.priority(),
					(outer.priority() != TransactionPriority.DEFAULT) ? "has priority " + outer.priority()
							: "has no priority of its own");
		}
		if (options.systemTime() != null && !options.systemTime().equals(outer.systemTime())) {
			throw contradiction(options, outer, "its system time is " + options.systemTime(),
					(outer.systemTime() != null) ? "has system time " + outer.systemTime() : "reads the present");
		}
		if (outer.readOnly() && !options.readOnly()) {
			throw contradiction(options, outer, "it may write", "is read-only");
		}
		if (options.isolation() != Isolation.DEFAULT && options.isolation() != outer.isolation()) {
			throw contradiction(options, outer, "its isolation is " + options.isolation(),
					(outer.isolation() != Isolation.DEFAULT) ? "has isolation " + outer.isolation()
							: "has the default isolation");
		}
		if (options.qualityOfService() != QualityOfService.DEFAULT
				&& options.qualityOfService() != outer.qualityOfService()) {
			throw contradiction(options, outer, "its quality of service is " + options.qualityOfService(),
					(outer.qualityOfService() != QualityOfService.DEFAULT)
							? "has quality of service " + outer.qualityOfService() : "has none of its own");
		}
		if (options.lockTimeout() != null && !options.lockTimeout().equals(outer.lockTimeout())) {
			throw contradiction(options, outer, "its lock timeout is " + options.lockTimeout(),
					(outer.lockTimeout() != null) ? "has lock timeout " + outer.lockTimeout() : "has none of its own");
		}
		if (outer.idempotent() && !options.idempotent()) {
			throw contradiction(options, outer, "it is not idempotent", "is idempotent");
		}
	}

	private void rejectForeign(CrdbTransactionOptions options) {
		if (options.nested() != NestedTransactionPolicy.JOIN_ANY) {
			throw rejected(options,
					"the active transaction was not begun by this library, so that a retryable error in it would "
							+ "reach the caller; annotate the outermost method with @CrdbTransactional instead of "
							+ "@Transactional, or have those of @Transactional retried, too, with "
							+ "crdb.transaction.retry-spring-transactional=true, or allow it with nested = JOIN_ANY");
		}
		if (options.priority() != this.usual.priority() || options.systemTime() != null
				|| options.qualityOfService() != this.usual.qualityOfService()
				|| !Objects.equals(options.lockTimeout(), this.usual.lockTimeout())) {
			throw rejected(options, "the active transaction cannot be given a priority, a system time, a quality of "
					+ "service or a lock timeout any more; set them on the outermost transaction");
		}
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly() && !options.readOnly()) {
			throw rejected(options, "it may write, while the active transaction is read-only");
		}
		if (options.isolation() != Isolation.DEFAULT && !Integer.valueOf(options.isolation().value())
			.equals(TransactionSynchronizationManager.getCurrentTransactionIsolationLevel())) {
			throw rejected(options, "its isolation is " + options.isolation()
					+ ", while the active transaction has another one; set it on the outermost transaction");
		}
		if (this.warned.size() < TransactionNames.LIMIT && this.warned.add(options.name())) {
			logger.warn("Transaction '" + options.name() + "' joins a transaction that was not begun by this library: "
					+ "a retryable error in it is not retried");
		}
	}

	private void markRollbackOnly(TransactionStatus existing, Throwable failure) {
		try {
			this.transactionManager.rollback(existing);
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

	private static NestedTransactionRejectedException contradiction(CrdbTransactionOptions options,
			CrdbTransactionOptions outer, String inner, String other) {
		return rejected(options, inner + ", while the active transaction '" + outer.name() + "' " + other
				+ "; set the same on both, or call it outside");
	}

	private static NestedTransactionRejectedException rejected(CrdbTransactionOptions options, String reason) {
		return new NestedTransactionRejectedException(
				"Transaction '" + options.name() + "' cannot run inside another one: " + reason);
	}

	/**
	 * Knows whether a transaction of plain JDBC is active, which only a transaction
	 * manager can see.
	 */
	@SuppressWarnings("serial")
	private static final class JdbcTransactions extends DataSourceTransactionManager {

		JdbcTransactions(DataSource dataSource) {
			super(dataSource);
		}

		boolean isActive() {
			return isExistingTransaction(doGetTransaction());
		}

	}

}
