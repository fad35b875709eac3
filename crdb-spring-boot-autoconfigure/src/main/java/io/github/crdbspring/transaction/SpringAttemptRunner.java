package io.github.crdbspring.transaction;

import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.util.Assert;

/**
 * Runs one attempt of an action that begins and ends its transaction itself, as a method
 * of Spring's {@code @Transactional} does: learns from the transaction manager when that
 * happens, and has a failure interpreted as if the transaction were this library's own.
 */
final class SpringAttemptRunner implements TransactionExecutionListener {

	private final DataSource dataSource;

	private final JdbcTemplate jdbcTemplate;

	private final FailureInterpreter interpreter;

	private final PersistenceContext persistenceContext;

	private final ThreadLocal<@Nullable Expected> expected = new ThreadLocal<>();

	SpringAttemptRunner(PlatformTransactionManager transactionManager, DataSource dataSource,
			FailureInterpreter interpreter) {
		Assert.isInstanceOf(ConfigurableTransactionManager.class, transactionManager,
				"Transactions of Spring's can be retried only with a transaction manager that takes listeners: ");
		this.dataSource = dataSource;
		this.jdbcTemplate = new JdbcTemplate(dataSource);
		this.interpreter = interpreter;
		this.persistenceContext = PersistenceContext.of(transactionManager);
		((ConfigurableTransactionManager) transactionManager).addListener(this);
	}

	<T extends @Nullable Object> T run(TransactionAttempt attempt, Supplier<T> action) throws AttemptFailure {
		Expected outer = this.expected.get();
		Expected transaction = new Expected(attempt);
		this.expected.set(transaction);
		try {
			T result = action.get();
			if (transaction.begun != null && !transaction.begun.isCommitted()) {
				attempt.rolledBack();
			}
			return result;
		}
		catch (Throwable ex) {
			if (transaction.begun != null && !transaction.begun.isCommitted()) {
				this.persistenceContext.clearAfter(ex);
			}
			throw interpret(transaction, ex);
		}
		finally {
			if (transaction.begun != null) {
				transaction.begun.unbind();
			}
			this.expected.set(outer);
		}
	}

	/**
	 * Run an action as a part of the transaction that is active, if any: a failure that
	 * rolls back is remembered there, in case that it is swallowed on its way out.
	 */
	<T extends @Nullable Object> T participate(TransactionAttribute attribute, Supplier<T> action) {
		BoundTransaction outer = BoundTransaction.on(this.dataSource);
		try {
			return action.get();
		}
		catch (Throwable ex) {
			if (outer != null && outer == BoundTransaction.on(this.dataSource) && attribute.rollbackOn(ex)
					&& attribute.getPropagationBehavior() != TransactionDefinition.PROPAGATION_NESTED) {
				outer.joinedTransactionFailed(ex);
			}
			throw ex;
		}
	}

	private AttemptFailure interpret(Expected transaction, Throwable failure) {
		BoundTransaction begun = transaction.begun;
		if (begun == null) {
			return new AttemptFailure(AttemptFailure.Verdict.FINAL, failure);
		}
		Throwable swallowed = begun.joinedFailure();
		// An exception of the user's own wins over what it was thrown in place of
		if (swallowed != null && failure instanceof UnexpectedRollbackException && !begun.isCommitted()) {
			return this.interpreter.joinedFailure(transaction.attempt, swallowed);
		}
		return this.interpreter.atCommit(begun, failure);
	}

	@Override
	public void afterBegin(TransactionExecution execution, @Nullable Throwable beginFailure) {
		Expected transaction = this.expected.get();
		if (transaction == null || transaction.begun != null || beginFailure != null || !execution.isNewTransaction()) {
			return;
		}
		transaction.begun = BoundTransaction.bind(transaction.attempt, this.dataSource);
		String setTransaction = SetTransaction.render(transaction.attempt.options(), transaction.attempt.number());
		if (setTransaction != null) {
			try {
				this.jdbcTemplate.execute(setTransaction);
			}
			catch (RuntimeException ex) {
				// From here the transaction manager would leave the transaction open
				transaction.begun.joinedTransactionFailed(ex);
			}
		}
	}

	/**
	 * The transaction that an attempt is expected to begin.
	 */
	private static final class Expected {

		private final TransactionAttempt attempt;

		private @Nullable BoundTransaction begun;

		Expected(TransactionAttempt attempt) {
			this.attempt = attempt;
		}

	}

}
