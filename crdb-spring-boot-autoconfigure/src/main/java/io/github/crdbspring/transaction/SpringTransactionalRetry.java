package io.github.crdbspring.transaction;

import java.util.function.Supplier;

import io.github.crdbspring.transaction.AttemptFailure.Verdict;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.interceptor.TransactionAttribute;

/**
 * Runs methods again that begin and end their transactions themselves, as those of
 * Spring's {@code @Transactional} do. As a listener of the transaction manager it learns
 * when that happens; everything else is as for transactions of a
 * {@link CrdbTransactionTemplate}. Infrastructure of this library, no API for
 * applications.
 * <p>
 * Thread-safe. To be registered with a transaction manager while that is made.
 *
 * @since 0.1.0
 */
public final class SpringTransactionalRetry implements TransactionExecutionListener {

	private final ThreadLocal<@Nullable Expected> expected = new ThreadLocal<>();

	/**
	 * Find the one that listens to a transaction manager.
	 * @param transactionManager the transaction manager
	 * @return the listener
	 * @throws IllegalStateException if there is none
	 */
	public static SpringTransactionalRetry of(PlatformTransactionManager transactionManager) {
		if (transactionManager instanceof ConfigurableTransactionManager configurable) {
			for (TransactionExecutionListener listener : configurable.getTransactionExecutionListeners()) {
				if (listener instanceof SpringTransactionalRetry retry) {
					return retry;
				}
			}
		}
		throw new IllegalStateException("Transactions of " + transactionManager + " cannot be retried, since nothing "
				+ "tells when they begin: it has to be a bean that takes TransactionExecutionListeners, as all "
				+ "transaction managers of Spring's for JDBC and JPA do");
	}

	/**
	 * Run an action, and run it again as if its transaction were one of the template's.
	 * <p>
	 * Retried are read-write transactions of their own ({@code REQUIRED} without an
	 * active transaction, {@code REQUIRES_NEW}); others just run. Inside the action its
	 * transaction counts as begun by this library.
	 * @param <T> the type of the result
	 * @param template the template of the transaction manager
	 * @param attribute how the action begins its transaction
	 * @param options how to retry it; what the attribute says stays as it is
	 * @param action the action, which may be called several times
	 * @return what the action returned in the attempt that was committed
	 */
	public <T extends @Nullable Object> T retry(CrdbTransactionTemplate template, TransactionAttribute attribute,
			CrdbTransactionOptions options, Supplier<T> action) {
		boolean active = template.nesting().isActive();
		return switch (attribute.getPropagationBehavior()) {
			case TransactionDefinition.PROPAGATION_REQUIRED -> active ? participate(template, attribute, action)
					: retryUnlessReadOnly(template, attribute, options, action);
			case TransactionDefinition.PROPAGATION_REQUIRES_NEW ->
				retryUnlessReadOnly(template, attribute, options, action);
			case TransactionDefinition.PROPAGATION_SUPPORTS, TransactionDefinition.PROPAGATION_MANDATORY ->
				participate(template, attribute, action);
			default -> action.get();
		};
	}

	private <T extends @Nullable Object> T retryUnlessReadOnly(CrdbTransactionTemplate template,
			TransactionAttribute attribute, CrdbTransactionOptions options, Supplier<T> action) {
		return attribute.isReadOnly() ? action.get() : template.run(template.supported(options), action,
				(attempt) -> run(template.runner(), attempt, action));
	}

	/**
	 * Run an action as a part of the transaction that is active, if any: a failure that
	 * rolls back is remembered there, in case it is swallowed on its way out.
	 */
	private static <T extends @Nullable Object> T participate(CrdbTransactionTemplate template,
			TransactionAttribute attribute, Supplier<T> action) {
		try {
			return action.get();
		}
		catch (Throwable ex) {
			BoundTransaction outer = template.nesting().findOwn();
			if (outer != null && attribute.rollbackOn(ex)) {
				outer.joinedTransactionFailed(ex);
			}
			throw ex;
		}
	}

	private <T extends @Nullable Object> T run(AttemptRunner runner, TransactionAttempt attempt, Supplier<T> action)
			throws AttemptFailure {
		Expected outer = this.expected.get();
		Expected transaction = new Expected(runner, attempt);
		this.expected.set(transaction);
		try {
			T result = action.get();
			if (transaction.begun != null) {
				runner.returned(transaction.begun, transaction.rolledBack);
			}
			return result;
		}
		catch (AttemptFailure ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw (transaction.begun != null) ? runner.ended(transaction.begun, ex)
					: new AttemptFailure(Verdict.FINAL, ex);
		}
		finally {
			if (transaction.begun != null) {
				transaction.begun.unbind();
			}
			if (outer != null) {
				this.expected.set(outer);
			}
			else {
				this.expected.remove();
			}
		}
	}

	@Override
	public void afterBegin(TransactionExecution execution, @Nullable Throwable beginFailure) {
		Expected transaction = this.expected.get();
		if (transaction != null && transaction.begun == null && beginFailure == null && execution.isNewTransaction()
				&& transaction.runner.isOnDataSource()) {
			transaction.begun = transaction.runner.bind(transaction.attempt, execution);
			transaction.begun.register();
			try {
				transaction.runner.start(transaction.begun);
			}
			catch (RuntimeException ex) {
				// Thrown from here, it would leave the transaction open
				transaction.begun.joinedTransactionFailed(ex);
			}
		}
	}

	/**
	 * Called after everything else that comes before COMMIT.
	 */
	@Override
	public void beforeCommit(TransactionExecution execution) {
		Expected transaction = this.expected.get();
		if (transaction != null && transaction.begun != null && transaction.begun.isIn(execution)) {
			transaction.begun.requireGuardedConnection();
			transaction.begun.ending();
		}
	}

	@Override
	public void beforeRollback(TransactionExecution execution) {
		Expected transaction = this.expected.get();
		if (transaction != null && transaction.begun != null && transaction.begun.isIn(execution)) {
			transaction.rolledBack = true;
			transaction.begun.ending();
		}
	}

	/**
	 * The transaction that an attempt is expected to begin.
	 */
	private static final class Expected {

		private final AttemptRunner runner;

		private final TransactionAttempt attempt;

		private @Nullable BoundTransaction begun;

		private boolean rolledBack;

		Expected(AttemptRunner runner, TransactionAttempt attempt) {
			this.runner = runner;
			this.attempt = attempt;
		}

	}

}
