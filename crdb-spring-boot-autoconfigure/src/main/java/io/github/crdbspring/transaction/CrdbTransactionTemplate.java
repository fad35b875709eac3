package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.contention.Admissions;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.util.Assert;
import org.springframework.util.function.SingletonSupplier;

/**
 * Runs a callback in a transaction, and runs both again when, and only when, that is
 * safe.
 * <p>
 * <b>Retried</b>, each time in a new transaction and with a pause before it: SQLSTATE
 * 40001 wherever it surfaces, in a statement or at COMMIT; and a connection lost before
 * COMMIT was sent. A transaction that is idempotent or read-only is also retried when its
 * outcome is unknown. On request
 * ({@link CrdbTransactionSettings#retryOptimisticLocking()}) an optimistic lock that
 * failed is retried, too.
 * <p>
 * <b>Not retried</b>: everything else. An exception of the callback's own rolls the
 * transaction back, whether checked or not, and reaches the caller as the same instance.
 * So the callback may run several times, and must not do what a rollback does not undo:
 *
 * <pre class="code">
 * // wrong: the mail is sent once per attempt
 * template.execute((status) -&gt; {
 *     accounts.transfer(from, to, amount);
 *     return mail.send(receipt);
 * });
 *
 * // right: the mail is sent once, after the commit
 * template.execute((status) -&gt; accounts.transfer(from, to, amount));
 * mail.send(receipt);
 * </pre>
 *
 * The caller is always told the outcome: a normal return means committed, an
 * {@link io.github.crdbspring.error.AmbiguousCommitException} means unknown, any other
 * exception means certainly not committed, except one that a callback after the commit
 * has thrown.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/transaction-retry-error-reference">CockroachDB:
 * Transaction Retry Error Reference</a>
 */
public class CrdbTransactionTemplate implements TransactionOperations {

	private static final CrdbTransactionOptions BUILT_IN = CrdbTransactionOptions.builder()
		.maxAttempts(10)
		.nested(NestedTransactionPolicy.JOIN)
		.build();

	private final PlatformTransactionManager transactionManager;

	private final CrdbTransactionOptions defaults;

	private final Nesting nesting;

	private final ServerOptions serverOptions;

	private final AttemptRunner runner;

	private final SingletonSupplier<SpringAttemptRunner> springRunner;

	private final RetryLoop retryLoop;

	private final CrdbTransactionListener listener;

	private final TransactionObserver observer;

	private final Admissions<LimitedAdmission> admissions;

	/**
	 * Create a new template with default settings.
	 * @param transactionManager begins and ends the transactions
	 * @param dataSource the transaction manager's DataSource, one with guarded
	 * connections
	 * @param defaults what options leave unset
	 */
	public CrdbTransactionTemplate(PlatformTransactionManager transactionManager, DataSource dataSource,
			CrdbTransactionOptions defaults) {
		this(transactionManager, dataSource, defaults, CrdbTransactionSettings.defaults());
	}

	/**
	 * Create a new template.
	 * @param transactionManager begins and ends the transactions
	 * @param dataSource the transaction manager's DataSource, one with guarded
	 * connections
	 * @param defaults what options leave unset
	 * @param settings what is common to all transactions
	 */
	public CrdbTransactionTemplate(PlatformTransactionManager transactionManager, DataSource dataSource,
			CrdbTransactionOptions defaults, CrdbTransactionSettings settings) {
		this(transactionManager, dataSource, defaults, settings, backoff(settings));
	}

	CrdbTransactionTemplate(PlatformTransactionManager transactionManager, DataSource dataSource,
			CrdbTransactionOptions defaults, CrdbTransactionSettings settings, Backoff backoff) {
		Assert.notNull(transactionManager, "'transactionManager' must not be null");
		DataSource resource = resource(transactionManager, dataSource);
		FailureInterpreter interpreter = new FailureInterpreter(settings.retryConnectionErrors(),
				settings.retryOptimisticLocking());
		this.transactionManager = transactionManager;
		this.defaults = defaults.withDefaults(BUILT_IN);
		this.nesting = new Nesting(transactionManager, resource, this.defaults.priority());
		this.serverOptions = new ServerOptions(resource, guarded(resource), settings.unsupportedOptions());
		this.runner = new AttemptRunner(transactionManager, resource, interpreter);
		this.springRunner = SingletonSupplier
			.of(() -> new SpringAttemptRunner(transactionManager, resource, interpreter));
		this.retryLoop = new RetryLoop(backoff);
		this.listener = new ListenerChain(settings.listeners());
		this.observer = new ObserverChain(settings.observers());
		this.admissions = new Admissions<>(settings.contention(), TransactionNames.LIMIT, LimitedAdmission::new,
				this.observer::limitable);
	}

	private CrdbTransactionTemplate(CrdbTransactionTemplate other, CrdbTransactionOptions defaults) {
		this.transactionManager = other.transactionManager;
		this.defaults = defaults;
		this.nesting = other.nesting;
		this.serverOptions = other.serverOptions;
		this.runner = other.runner;
		this.springRunner = other.springRunner;
		this.retryLoop = other.retryLoop;
		this.listener = other.listener;
		this.observer = other.observer;
		this.admissions = other.admissions;
	}

	private static Backoff backoff(CrdbTransactionSettings settings) {
		ContentionSettings contention = settings.contention();
		return (contention != null && contention.backoff() != null)
				? new Backoff(settings.backoff(), contention.backoff()) : new Backoff(settings.backoff());
	}

	private static DataSource resource(PlatformTransactionManager transactionManager, DataSource dataSource) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		DataSource resource = dataSource;
		if (dataSource instanceof TransactionAwareDataSourceProxy proxy && proxy.getTargetDataSource() != null) {
			resource = proxy.getTargetDataSource();
		}
		if (transactionManager instanceof ResourceTransactionManager manager
				&& manager.getResourceFactory() instanceof DataSource managed) {
			Assert.isTrue(managed == resource,
					"'dataSource' must be the DataSource of the transaction manager, but that is " + managed);
		}
		return resource;
	}

	private static CrdbDataSource guarded(DataSource dataSource) {
		try {
			return dataSource.unwrap(CrdbDataSource.class);
		}
		catch (SQLException ex) {
			throw new IllegalArgumentException("'dataSource' must hand out guarded connections, without which the "
					+ "outcome of a transaction cannot be known: wrap it in a CrdbDataSource", ex);
		}
	}

	/**
	 * Return the transaction manager that begins and ends the transactions.
	 * @return the transaction manager
	 */
	public PlatformTransactionManager getTransactionManager() {
		return this.transactionManager;
	}

	/**
	 * Return a copy with other defaults.
	 * @param options the defaults of the copy; what they leave unset stays as it is here
	 * @return a new template
	 */
	public CrdbTransactionTemplate withOptions(CrdbTransactionOptions options) {
		Assert.notNull(options, "'options' must not be null");
		return new CrdbTransactionTemplate(this, options.withDefaults(this.defaults));
	}

	/**
	 * Run a callback in a transaction with the default options.
	 * @param <T> the type of the result
	 * @param action the callback, which may be called several times
	 * @return what the callback returned in the attempt that was committed
	 */
	@Override
	public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
		return execute(CrdbTransactionOptions.none(), action);
	}

	/**
	 * Run a callback in a transaction.
	 * @param <T> the type of the result
	 * @param options how to run it
	 * @param action the callback, which may be called several times
	 * @return what the callback returned in the attempt that was committed
	 * @throws io.github.crdbspring.error.MaxAttemptsExceededException if every attempt
	 * failed with a retryable error
	 * @throws io.github.crdbspring.error.TransactionDeadlineExceededException if the
	 * timeout leaves no room for another attempt
	 * @throws io.github.crdbspring.error.AmbiguousCommitException if the outcome is
	 * unknown
	 * @throws io.github.crdbspring.error.SilentRollbackException if the callback
	 * swallowed a SQL error
	 * @throws io.github.crdbspring.error.NestedTransactionRejectedException if it must
	 * not run inside the transaction that is active
	 * @throws io.github.crdbspring.error.UnsupportedTransactionOptionException if the
	 * server does not have one of the options
	 */
	public <T extends @Nullable Object> T execute(CrdbTransactionOptions options, TransactionCallback<T> action) {
		Assert.notNull(options, "'options' must not be null");
		Assert.notNull(action, "'action' must not be null");
		CrdbTransactionOptions effective = supported(options);
		TransactionStatus existing = this.nesting.findExisting();
		if (existing != null) {
			admit(effective);
			return this.nesting.join(existing, action);
		}
		return run(effective, (attempt) -> this.runner.run(attempt, (status) -> {
			this.serverOptions.check(effective);
			return action.doInTransaction(status);
		}));
	}

	/**
	 * Run an action that begins and ends a transaction itself, with the transaction
	 * manager of this template, and run it again as if the transaction were this
	 * template's own. This is how methods of Spring's {@code @Transactional} are retried.
	 * <p>
	 * Retried are read-write transactions of their own ({@code REQUIRED} without an
	 * active transaction, {@code REQUIRES_NEW}); others just run. Inside the action its
	 * transaction counts as begun by this library.
	 * @param <T> the type of the result
	 * @param attribute how the action begins its transaction
	 * @param options how to retry it; what the attribute says stays as it is
	 * @param action the action, which may be called several times
	 * @return what the action returned in the attempt that was committed
	 */
	public <T extends @Nullable Object> T retry(TransactionAttribute attribute, CrdbTransactionOptions options,
			Supplier<T> action) {
		Assert.notNull(attribute, "'attribute' must not be null");
		Assert.notNull(options, "'options' must not be null");
		Assert.notNull(action, "'action' must not be null");
		SpringAttemptRunner springRunner = this.springRunner.obtain();
		boolean required = attribute.getPropagationBehavior() == TransactionDefinition.PROPAGATION_REQUIRED;
		boolean requiresNew = attribute.getPropagationBehavior() == TransactionDefinition.PROPAGATION_REQUIRES_NEW;
		if (requiresNew || (required && this.nesting.findExisting() == null)) {
			return attribute.isReadOnly() ? action.get()
					: run(supported(options), (attempt) -> springRunner.run(attempt, action));
		}
		return springRunner.participate(attribute, action);
	}

	private CrdbTransactionOptions supported(CrdbTransactionOptions options) {
		CrdbTransactionOptions effective = options.withDefaults(this.defaults);
		try {
			return this.serverOptions.supported(effective);
		}
		catch (UnsupportedTransactionOptionException ex) {
			throw rejected(effective, ex);
		}
	}

	private void admit(CrdbTransactionOptions options) {
		try {
			this.nesting.check(options);
		}
		catch (NestedTransactionRejectedException ex) {
			throw rejected(options, ex);
		}
	}

	private <E extends RuntimeException> E rejected(CrdbTransactionOptions options, E rejection) {
		this.observer.start(options).ended(null, TransactionOutcome.REJECTED, rejection);
		return rejection;
	}

	private <T extends @Nullable Object> T run(CrdbTransactionOptions options, TransactionCall.Attempts<T> attempts) {
		TransactionCall<T> call = new TransactionCall<>(options, this.listener, this.observer.start(options),
				this.admissions.find(options.name()), attempts);
		this.retryLoop.run(call);
		return call.result();
	}

	/**
	 * Run a callback without a result in a transaction.
	 * @param options how to run it
	 * @param action the callback, which may be called several times
	 */
	public void executeWithoutResult(CrdbTransactionOptions options, Consumer<TransactionStatus> action) {
		this.<@Nullable Object>execute(options, (status) -> {
			action.accept(status);
			return null;
		});
	}

}
