package io.github.crdbspring.transaction;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What happens to a transaction that is asked for inside another one on the same
 * DataSource: it joins, or it is rejected.
 */
final class Nesting {

	private static final Log logger = LogFactory.getLog(CrdbTransactionTemplate.class);

	private static final TransactionDefinition EXISTING = new DefaultTransactionDefinition(
			TransactionDefinition.PROPAGATION_MANDATORY);

	private final PlatformTransactionManager transactionManager;

	private final DataSource dataSource;

	private final TransactionPriority usualPriority;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Create a new instance.
	 * @param transactionManager knows the active transaction
	 * @param dataSource the DataSource that nesting is about
	 * @param usualPriority the priority of transactions that do not ask for one
	 */
	Nesting(PlatformTransactionManager transactionManager, DataSource dataSource, TransactionPriority usualPriority) {
		this.usualPriority = usualPriority;
		this.transactionManager = transactionManager;
		this.dataSource = dataSource;
	}

	/**
	 * Find the transaction that is active on the DataSource. Only the transaction manager
	 * knows for sure; it is asked only where there can be one.
	 */
	@Nullable TransactionStatus findExisting() {
		if (!TransactionSynchronizationManager.isActualTransactionActive()
				&& !TransactionSynchronizationManager.hasResource(this.dataSource)) {
			return null;
		}
		try {
			return this.transactionManager.getTransaction(EXISTING);
		}
		catch (IllegalTransactionStateException ex) {
			return null;
		}
	}

	/**
	 * Check that a transaction may join the one that is active.
	 */
	void check(CrdbTransactionOptions options) {
		BoundTransaction outer = BoundTransaction.on(this.dataSource);
		if (outer != null && outer.isEnded()) {
			throw rejected(options, "the active transaction '" + outer.attempt().name()
					+ "' has ended, and nobody would commit what is done now; call it when the outermost call has "
					+ "returned, or in another thread");
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

	<T extends @Nullable Object> T join(TransactionStatus existing, TransactionCallback<T> action) {
		BoundTransaction outer = BoundTransaction.on(this.dataSource);
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

	private void rejectContradiction(CrdbTransactionOptions options, CrdbTransactionOptions outer) {
		if (options.priority() != TransactionPriority.DEFAULT && options.priority() != outer.priority()) {
			throw contradiction(options, outer, "its priority is " + options.priority(), "" + outer.priority());
		}
		if (options.systemTime() != null && !options.systemTime().equals(outer.systemTime())) {
			throw contradiction(options, outer, "its system time is " + options.systemTime(), "" + outer.systemTime());
		}
		if (outer.readOnly() && !options.readOnly()) {
			throw contradiction(options, outer, "it may write", "read-only");
		}
		if (options.isolation() != Isolation.DEFAULT && options.isolation() != outer.isolation()) {
			throw contradiction(options, outer, "its isolation is " + options.isolation(), "" + outer.isolation());
		}
		if (outer.idempotent() && !options.idempotent()) {
			throw contradiction(options, outer, "it is not idempotent", "idempotent");
		}
	}

	private void rejectForeign(CrdbTransactionOptions options) {
		if (options.nested() != NestedTransactionPolicy.JOIN_ANY) {
			throw rejected(options,
					"the active transaction was not begun by this library, so that a retryable error in it would "
							+ "reach the caller; annotate the outermost method with @CrdbTransactional instead of "
							+ "@Transactional, or allow it with nested = JOIN_ANY");
		}
		if (options.priority() != this.usualPriority || options.systemTime() != null) {
			throw rejected(options, "the active transaction cannot be given a priority or a system time any more; set "
					+ "them on the outermost transaction");
		}
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly() && !options.readOnly()) {
			throw rejected(options, "it may write, while the active transaction is read-only");
		}
		if (options.isolation() != Isolation.DEFAULT && !Integer.valueOf(options.isolation().value())
			.equals(TransactionSynchronizationManager.getCurrentTransactionIsolationLevel())) {
			throw rejected(options, "its isolation is " + options.isolation()
					+ ", while the active transaction has another one; set it on the outermost transaction");
		}
		if (this.warned.add(options.name())) {
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
		return rejected(options, inner + ", while the active transaction '" + outer.name() + "' is " + other
				+ "; set the same on both, or call it outside");
	}

	private static NestedTransactionRejectedException rejected(CrdbTransactionOptions options, String reason) {
		return new NestedTransactionRejectedException(
				"Transaction '" + options.name() + "' cannot run inside another one: " + reason);
	}

}
