package io.github.crdbspring.transaction.statistics;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionLimit;
import io.github.crdbspring.transaction.TransactionNames;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Counts transactions by name, from its creation on. Its memory is bounded: by the number
 * of names, and by a fixed amount for each and for each of its limits.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class TransactionStatistics implements TransactionObserver {

	private final Map<String, NameStatistics> byName = new ConcurrentHashMap<>();

	private final TransactionNames<NameStatistics> names = new TransactionNames<>(this::add);

	@Override
	public Observed start(CrdbTransactionOptions options) {
		return this.names.get(options.name());
	}

	@Override
	public void limitable(TransactionLimit limit) {
		this.names.get(limit.name()).add(limit);
	}

	private NameStatistics add(String name) {
		return this.byName.computeIfAbsent(name, (key) -> new NameStatistics());
	}

	/**
	 * Return the figures so far.
	 * @return summaries by name
	 */
	public Map<String, Summary> summaries() {
		Map<String, Summary> summaries = new TreeMap<>();
		this.byName.forEach((name, statistics) -> summaries.put(name, statistics.summarize()));
		return summaries;
	}

	/**
	 * The figures of all transactions with the same name.
	 *
	 * @param outcomes how many had which outcome
	 * @param retries how many attempts were followed by another one
	 * @param attempts how many transactions took how many attempts
	 * @param limits the limits that are in force now: none while there is no contention,
	 * and one for each DataSource that has any
	 * @param lastFailure the last failure of an attempt, {@code null} if there was none
	 */
	public record Summary(Map<TransactionOutcome, Long> outcomes, long retries, Map<String, Long> attempts,
			List<Limit> limits, @Nullable Failure lastFailure) {

	}

	/**
	 * A limit of attempts that are under way at once.
	 *
	 * @param limit how many may be under way, or the least of several keys' limits; below
	 * 1 the part of the time that attempts may take up, one by one
	 * @param keys how many keys have a limit of their own, 0 if the limit is that of the
	 * name
	 * @param underWay how many are under way, whether a limit concerns them or not
	 * @param waiting how many callers wait for one
	 */
	public record Limit(double limit, int keys, int underWay, int waiting) {

	}

	/**
	 * A failure, without any data.
	 *
	 * @param time when it happened
	 * @param exception the type of the exception
	 * @param sqlState the SQLSTATE, {@code null} if there is none
	 * @param reason the reason, as in
	 * {@link io.github.crdbspring.error.FailureReason#reason()}
	 */
	public record Failure(Instant time, String exception, @Nullable String sqlState, String reason) {

	}

}
