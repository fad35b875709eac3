package io.github.crdbspring.transaction.outcome;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.github.crdbspring.error.MissingOutcomeTableException;
import io.github.crdbspring.jdbc.ConnectionOrigin;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.util.Assert;

/**
 * Finds out what became of a transaction whose outcome is unknown.
 * <p>
 * A transaction that is to be found out inserts a row with its id, its mark, and sends
 * that together with COMMIT. Whoever wants to know inserts a row with the same id, a
 * fence. The table's primary key lets only one of them in: if the fence is in, the
 * transaction was not committed and never will be, since its own insert fails should it
 * still be on its way; if the mark is in, the transaction was committed. While COMMIT is
 * being decided the fence waits for it.
 * <p>
 * Thread-safe. Takes a connection of its own from the DataSource, for whose wait the
 * pool's timeout holds.
 *
 * @since 0.1.0
 */
public final class TransactionOutcomes {

	/**
	 * The statement that leaves a transaction's mark, with a placeholder for its id,
	 * where the table's schema is not known.
	 */
	public static final String MARK = mark(OutcomeTable.NAME);

	private static final Duration FIRST_PAUSE = Duration.ofMillis(20);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	/**
	 * A server that does not answer may be cut off from those that would. CockroachDB
	 * needs some five seconds to give an abandoned transaction up.
	 */
	private static final Duration LONGEST_TRY = Duration.ofSeconds(8);

	/**
	 * What has just started has other things to do than to delete old marks.
	 */
	private static final Duration FIRST_CLEANUP = Duration.ofMinutes(1);

	private static final Log logger = LogFactory.getLog(TransactionOutcomes.class);

	private final DataSource dataSource;

	private final OutcomeSettings settings;

	private final Duration firstCleanup;

	/**
	 * By the driver's URL, since a DataSource may lead to several databases.
	 */
	private final Map<String, Target> targets = new ConcurrentHashMap<>();

	/**
	 * The table where it was looked for, {@code null} as long as it was not found.
	 */
	private volatile @Nullable OutcomeTable located;

	/**
	 * Create a new instance.
	 * @param dataSource leads to the database of the transactions
	 * @param settings how to find out
	 */
	public TransactionOutcomes(DataSource dataSource, OutcomeSettings settings) {
		this(dataSource, settings, FIRST_CLEANUP);
	}

	TransactionOutcomes(DataSource dataSource, OutcomeSettings settings, Duration firstCleanup) {
		Assert.notNull(dataSource, "'dataSource' must not be null");
		Assert.notNull(settings, "'settings' must not be null");
		this.dataSource = dataSource;
		this.settings = settings;
		this.firstCleanup = firstCleanup;
	}

	private static String mark(String table) {
		return "INSERT INTO " + table + " (id, fenced) VALUES (?, FALSE)";
	}

	/**
	 * Make the id of a transaction. Each has one that no other has.
	 * @return a new id
	 */
	public static UUID newId() {
		return TransactionIds.next(Instant.now());
	}

	/**
	 * Find out what became of a transaction. Once the answer is {@code NOT_COMMITTED} it
	 * stays so: a transaction with this id cannot be committed any more. Therefore ask
	 * only about a transaction that has failed, or whose service is gone.
	 * @param id the transaction's id, from
	 * {@link io.github.crdbspring.error.AmbiguousCommitException#getTransactionId()}
	 * @return what became of it
	 * @throws IllegalArgumentException if the id is older than the marks that are kept
	 * @throws DataAccessException if the database cannot be asked
	 */
	public Outcome resolve(UUID id) {
		OutcomeTable located = this.located;
		if (located != null) {
			try {
				return resolve(located, id, this.settings.resolveTimeout());
			}
			catch (OutcomeTable.OtherDatabaseException ex) {
				logger.debug("Marks have no database in their names there", ex);
			}
		}
		return resolve(new OutcomeTable(this.dataSource, null, OutcomeTable.NAME), id, this.settings.resolveTimeout());
	}

	/**
	 * Find out what became of a transaction, where it ran. Infrastructure of this
	 * library, no API for applications.
	 * @param id the transaction's id
	 * @param origin where its connection came from
	 * @param limit how long to try at most, {@code null} for as long as configured
	 * @return what became of it
	 * @throws DataAccessException if the database cannot be asked in time
	 */
	public Outcome resolve(UUID id, ConnectionOrigin origin, @Nullable Duration limit) {
		Duration configured = this.settings.resolveTimeout();
		return resolve(new OutcomeTable(origin.dataSource(), origin.url(), target(origin).table()), id,
				(limit != null && limit.compareTo(configured) < 0) ? limit : configured);
	}

	private Outcome resolve(OutcomeTable table, UUID id, Duration limit) {
		Assert.notNull(id, "'id' must not be null");
		requireKept(id);
		long deadline = System.nanoTime() + limit.toNanos();
		long longestTry = Math.max(limit.toNanos() / 3, LONGEST_TRY.toNanos());
		Duration pause = FIRST_PAUSE;
		SQLException failure = null;
		for (long left = limit.toNanos(); left > 0; left = deadline - System.nanoTime()) {
			try {
				Optional<Outcome> outcome = table.fence(id, Duration.ofNanos(Math.min(left, longestTry)));
				if (outcome.isPresent()) {
					return outcome.get();
				}
			}
			catch (SQLException ex) {
				if (MissingOutcomeTableException.isReason(ex)) {
					throw new MissingOutcomeTableException(ex);
				}
				logger.debug("Could not find out yet what became of transaction " + id, ex);
				failure = ex;
			}
			sleep(id, Math.min(pause.toNanos(), deadline - System.nanoTime()));
			pause = (pause.compareTo(LONGEST_PAUSE) < 0) ? pause.multipliedBy(2) : LONGEST_PAUSE;
		}
		throw new DataAccessResourceFailureException(
				"What became of transaction " + id + " could not be found out within " + limit, failure);
	}

	private void requireKept(UUID id) {
		Instant time = TransactionIds.timeOf(id);
		Duration retention = this.settings.retention();
		// A tenth is left for clocks that differ
		Assert.isTrue(
				time == null || retention.isZero()
						|| time.isAfter(Instant.now().minus(retention).plus(retention.dividedBy(10))),
				() -> "'id' must be of a transaction whose mark is kept for certain, but " + id + " is from " + time
						+ ", and marks are deleted after " + retention);
	}

	private static void sleep(UUID id, long nanos) {
		try {
			TimeUnit.NANOSECONDS.sleep(nanos);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new DataAccessResourceFailureException(
					"Interrupted while finding out what became of transaction " + id, ex);
		}
	}

	/**
	 * Check that the table is there, unless that is known already. A database that cannot
	 * be asked now is no reason to fail.
	 * @throws MissingOutcomeTableException if the table is missing, or may not be used
	 */
	public void requireTable() {
		if (this.located != null) {
			return;
		}
		try {
			this.located = new OutcomeTable(this.dataSource, null, OutcomeTable.NAME)
				.locate(this.settings.resolveTimeout());
			this.targets.clear();
		}
		catch (SQLException ex) {
			if (MissingOutcomeTableException.isReason(ex)) {
				throw new MissingOutcomeTableException(ex);
			}
			notKnownYet(ex);
		}
		catch (RuntimeException ex) {
			// Such as that of a router that knows no target now
			notKnownYet(ex);
		}
	}

	private static void notKnownYet(Exception reason) {
		logger.debug("Whether the table of transactions' outcomes is there is not known yet", reason);
	}

	/**
	 * Return the statement by which a transaction leaves its mark, which is going to be
	 * sent. Infrastructure of this library, no API for applications.
	 * @param origin where the transaction's connection came from, {@code null} if that is
	 * unknown
	 * @return an INSERT with a placeholder for the id
	 */
	public String mark(@Nullable ConnectionOrigin origin) {
		if (origin == null) {
			return MARK;
		}
		Target target = target(origin);
		target.cleanup().used(origin);
		return target.mark();
	}

	private Target target(ConnectionOrigin origin) {
		Target known = this.targets.get(origin.url());
		return (known != null) ? known : this.targets.computeIfAbsent(origin.url(), this::newTarget);
	}

	private Target newTarget(String url) {
		OutcomeTable located = this.located;
		String table = (located != null && url.equals(located.url())) ? located.name() : OutcomeTable.NAME;
		return new Target(table, mark(table), new OutcomeCleanup(table, this.settings.retention(), this.firstCleanup));
	}

	/**
	 * A database in which transactions leave their marks.
	 *
	 * @param table the table's name in SQL
	 * @param mark the statement that leaves a mark there
	 * @param cleanup deletes old marks there
	 */
	private record Target(String table, String mark, OutcomeCleanup cleanup) {

	}

}
