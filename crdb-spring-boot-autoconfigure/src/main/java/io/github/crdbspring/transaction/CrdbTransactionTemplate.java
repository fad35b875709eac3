package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.util.function.Consumer;

import javax.sql.DataSource;

import io.github.crdbspring.error.MissingOutcomeTableException;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.contention.Admissions;
import io.github.crdbspring.transaction.contention.CallKeys;
import io.github.crdbspring.transaction.contention.ContentionKeySource;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.util.Assert;

/**
 * Runs a callback in a transaction, and runs both again when, and only when, that is
 * safe.
 * <p>
 * <b>Retried</b>, each time in a new transaction and with a pause before it: SQLSTATE
 * 40001 wherever it surfaces, in a statement or at COMMIT; and the transaction's own
 * connection lost before COMMIT was sent. A transaction that is idempotent or read-only
 * is also retried when its outcome is unknown. With {@link OutcomePolicy#RESOLVE} an
 * unknown outcome is found out first, and then there are only two. On request
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
 * {@link io.github.crdbspring.error.AmbiguousCommitException} means unknown, a
 * {@link io.github.crdbspring.error.CommittedTransactionException} means committed, any
 * other exception means certainly not committed, except one that a callback after the
 * commit has thrown, and one with an {@code AmbiguousCommitException} among its
 * suppressed exceptions: then a statement had ended the transaction, and committed a part
 * of it.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/transaction-retry-error-reference">CockroachDB:
 * Transaction Retry Error Reference</a>
 */
public final class CrdbTransactionTemplate implements TransactionOperations {

	private static final Log logger = LogFactory.getLog(CrdbTransactionTemplate.class);

	private static final CrdbTransactionOptions BUILT_IN = CrdbTransactionOptions.builder()
		.maxAttempts(10)
		.nested(NestedTransactionPolicy.JOIN)
		.outcome(OutcomePolicy.REPORT)
		.build();

	private final PlatformTransactionManager transactionManager;

	private final DataSource dataSource;

	private final CrdbTransactionOptions defaults;

	private final Nesting nesting;

	private final ServerOptions serverOptions;

	private final TransactionOutcomes outcomes;

	private final AttemptRunner runner;

	private final RetryLoop retryLoop;

	private final Backoff backoff;

	private final TransactionObserver observer;

	private final Admissions<LimitedAdmission> admissions;

	private final ContentionKeySource keys;

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
		this.transactionManager = transactionManager;
		this.dataSource = resource;
		this.defaults = defaults.withDefaults(BUILT_IN);
		this.nesting = new Nesting(transactionManager, resource, this.defaults);
		this.serverOptions = new ServerOptions(resource, settings.unsupportedOptions());
		this.outcomes = new TransactionOutcomes(resource, settings.outcome());
		this.runner = new AttemptRunner(transactionManager, resource, settings, this.serverOptions, this.outcomes);
		this.retryLoop = new RetryLoop(backoff);
		this.backoff = backoff;
		this.observer = new ObserverChain(settings.observers(), settings.listeners());
		this.admissions = new Admissions<>(settings.contention(), TransactionNames.LIMIT, LimitedAdmission::new,
				this.observer::limitable);
		ContentionSettings contention = settings.contention();
		this.keys = (contention != null) ? contention.keys() : ContentionKeySource.NONE;
	}

	private CrdbTransactionTemplate(CrdbTransactionTemplate other, CrdbTransactionOptions defaults) {
		this.transactionManager = other.transactionManager;
		this.dataSource = other.dataSource;
		this.defaults = defaults;
		this.nesting = other.nesting;
		this.serverOptions = other.serverOptions;
		this.outcomes = other.outcomes;
		this.runner = other.runner;
		this.retryLoop = other.retryLoop;
		this.backoff = other.backoff;
		this.observer = other.observer;
		this.admissions = other.admissions;
		this.keys = other.keys;
	}

	private static Backoff backoff(CrdbTransactionSettings settings) {
		ContentionSettings contention = settings.contention();
		return new Backoff(settings.backoff(),
				(contention != null && contention.backoff() != null) ? contention.backoff() : settings.backoff(),
				settings.sleeper());
	}

	private static DataSource resource(PlatformTransactionManager transactionManager, DataSource dataSource) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		DataSource resource = dataSource;
		if (dataSource instanceof TransactionAwareDataSourceProxy proxy && proxy.getTargetDataSource() != null) {
			resource = proxy.getTargetDataSource();
		}
		requireGuarded(resource);
		if (transactionManager instanceof ResourceTransactionManager manager) {
			Object managed = PersistenceContext.of(transactionManager).dataSource(manager.getResourceFactory());
			Assert.isTrue(managed instanceof DataSource,
					() -> "'transactionManager' must have transactions on a DataSource, but has them on " + managed);
			Assert.isTrue(managed == resource,
					() -> "'dataSource' must be the DataSource of the transaction manager, but that is " + managed);
		}
		return resource;
	}

	/**
	 * A DataSource that routes may not know a target now. Each attempt looks at the
	 * connection that it used, in any case.
	 */
	private static void requireGuarded(DataSource dataSource) {
		try {
			dataSource.unwrap(CrdbDataSource.class);
		}
		catch (SQLException ex) {
			throw new IllegalArgumentException("'dataSource' must hand out guarded connections, without which the "
					+ "outcome of a transaction cannot be known: wrap it in a CrdbDataSource", ex);
		}
		catch (RuntimeException ex) {
			logger.debug("Whether connections are guarded is not known before the first transaction", ex);
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
	 * Return the DataSource on which the transactions are.
	 * @return the DataSource
	 */
	public DataSource getDataSource() {
		return this.dataSource;
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
	 * @throws io.github.crdbspring.error.CommittedTransactionException if it was
	 * committed, and something failed afterwards that belongs to the commit
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
		if (!this.nesting.isActive()) {
			return run(effective, TransactionDefinition.PROPAGATION_REQUIRED, action);
		}
		try {
			if (effective.nested() != NestedTransactionPolicy.REQUIRES_NEW) {
				return this.nesting.join(effective, action);
			}
			this.nesting.checkRequiresNew(effective);
		}
		catch (NestedTransactionRejectedException ex) {
			throw rejected(effective, ex);
		}
		return run(effective, TransactionDefinition.PROPAGATION_REQUIRES_NEW, action);
	}

	private <T extends @Nullable Object> T run(CrdbTransactionOptions options, int propagation,
			TransactionCallback<T> action) {
		return run(options, action, (attempt) -> this.runner.run(attempt, propagation, action));
	}

	CrdbTransactionOptions supported(CrdbTransactionOptions options) {
		CrdbTransactionOptions effective = options.withDefaults(this.defaults);
		try {
			return this.serverOptions.supported(effective);
		}
		catch (UnsupportedTransactionOptionException ex) {
			throw rejected(effective, ex);
		}
	}

	private <E extends RuntimeException> E rejected(CrdbTransactionOptions options, E rejection) {
		this.observer.start(options).ended(null, TransactionOutcome.REJECTED, rejection);
		return rejection;
	}

	/**
	 * Run a call with all its attempts.
	 * @param action what is called, of interest here if it is a {@link KeyedCall}
	 */
	<T extends @Nullable Object> T run(CrdbTransactionOptions options, Object action,
			TransactionCall.Attempts<T> attempts) {
		if (options.leavesMark()) {
			requireOutcomeTable(options);
		}
		return this.retryLoop.run(new TransactionCall<>(options, this.observer.start(options),
				this.admissions.find(options.name()), keys(options, action), this.backoff, attempts));
	}

	private CallKeys keys(CrdbTransactionOptions options, Object action) {
		if (options.hasContentionKeys() && this.keys != ContentionKeySource.NONE) {
			return CallKeys.named(options.contentionKeys());
		}
		return (action instanceof KeyedCall call && this.keys == ContentionKeySource.ARGUMENTS)
				? CallKeys.candidates(call.arguments()) : CallKeys.none();
	}

	private void requireOutcomeTable(CrdbTransactionOptions options) {
		try {
			this.outcomes.requireTable();
		}
		catch (MissingOutcomeTableException ex) {
			throw rejected(options, ex);
		}
	}

	/**
	 * Check that outcomes can be found out, if the default options ask for that.
	 * Infrastructure of this library, no API for applications.
	 * @throws MissingOutcomeTableException if the table for that is missing; a database
	 * that cannot be asked now is no reason to fail
	 */
	public void requireOutcomeTable() {
		if (this.defaults.leavesMark()) {
			this.outcomes.requireTable();
		}
	}

	Nesting nesting() {
		return this.nesting;
	}

	AttemptRunner runner() {
		return this.runner;
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
