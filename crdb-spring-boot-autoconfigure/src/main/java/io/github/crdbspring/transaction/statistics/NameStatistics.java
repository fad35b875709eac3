package io.github.crdbspring.transaction.statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionLimit;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The figures of all transactions with the same name.
 */
final class NameStatistics implements TransactionObserver.Observed {

	/**
	 * The highest number of attempts that each class of the histogram takes in, but for
	 * the last.
	 */
	private static final int[] BOUNDS = { 1, 2, 3, 4, 9 };

	private static final String[] CLASSES = { "1", "2", "3", "4", "5-9", "10+" };

	private final Map<TransactionOutcome, LongAdder> outcomes = new EnumMap<>(TransactionOutcome.class);

	private final LongAdder[] attempts = new LongAdder[CLASSES.length];

	private final LongAdder retries = new LongAdder();

	private final Queue<TransactionLimit> limits = new ConcurrentLinkedQueue<>();

	private volatile TransactionStatistics.@Nullable Failure lastFailure;

	NameStatistics() {
		for (TransactionOutcome outcome : TransactionOutcome.values()) {
			this.outcomes.put(outcome, new LongAdder());
		}
		for (int i = 0; i < this.attempts.length; i++) {
			this.attempts[i] = new LongAdder();
		}
	}

	@Override
	public void attemptStarted(TransactionAttempt attempt) {
		if (attempt.lastFailure() != null) {
			this.retries.increment();
		}
	}

	@Override
	public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
		remember(failure);
	}

	@Override
	public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
		LongAdder count = this.outcomes.get(outcome);
		if (count != null) {
			count.increment();
		}
		if (last != null) {
			this.attempts[indexOf(last.number())].increment();
		}
		if (failure != null) {
			remember(failure);
		}
	}

	private void remember(Throwable failure) {
		FailureReason reason = FailureReason.of(failure);
		this.lastFailure = new TransactionStatistics.Failure(Instant.now(), failure.getClass().getName(),
				reason.sqlState(), reason.reason());
	}

	private static int indexOf(int number) {
		int index = 0;
		while (index < BOUNDS.length && number > BOUNDS[index]) {
			index++;
		}
		return index;
	}

	void add(TransactionLimit limit) {
		this.limits.add(limit);
	}

	TransactionStatistics.Summary summarize() {
		Map<TransactionOutcome, Long> outcomes = new EnumMap<>(TransactionOutcome.class);
		this.outcomes.forEach((outcome, count) -> outcomes.put(outcome, count.sum()));
		Map<String, Long> attempts = new LinkedHashMap<>();
		for (int i = 0; i < CLASSES.length; i++) {
			attempts.put(CLASSES[i], this.attempts[i].sum());
		}
		return new TransactionStatistics.Summary(outcomes, this.retries.sum(), attempts, limitsInForce(),
				this.lastFailure);
	}

	private List<TransactionStatistics.Limit> limitsInForce() {
		List<TransactionStatistics.Limit> inForce = new ArrayList<>();
		for (TransactionLimit limit : this.limits) {
			double value = limit.limit();
			if (!Double.isNaN(value)) {
				inForce.add(
						new TransactionStatistics.Limit(shown(value), limit.keys(), limit.underWay(), limit.waiting()));
			}
		}
		return inForce;
	}

	/**
	 * What counts: the whole number, or below one hundredths.
	 */
	private static double shown(double limit) {
		return (limit >= 1) ? Math.floor(limit) : Math.ceil(limit * 100) / 100;
	}

}
