package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.UUID;

import io.github.crdbspring.jdbc.CommitMark;
import io.github.crdbspring.jdbc.ConnectionOrigin;
import io.github.crdbspring.jdbc.TransactionEnd;
import io.github.crdbspring.transaction.outcome.Outcome;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.jspecify.annotations.Nullable;

/**
 * The mark of an attempt, by which its outcome is found out while the call has time left.
 *
 * @param attempt the attempt
 * @param id its id
 * @param outcomes finds out
 */
record AttemptMark(TransactionAttempt attempt, UUID id, TransactionOutcomes outcomes) implements CommitMark {

	@Override
	public String statement(@Nullable ConnectionOrigin origin) {
		return this.outcomes.mark(origin);
	}

	@Override
	public TransactionEnd resolve(ConnectionOrigin origin) {
		long begin = System.nanoTime();
		TransactionOutcome outcome = TransactionOutcome.AMBIGUOUS;
		try {
			Duration remaining = this.attempt.remaining();
			Outcome found = this.outcomes.resolve(this.id, origin, remaining);
			boolean committed = found == Outcome.COMMITTED;
			outcome = committed ? TransactionOutcome.COMMITTED : TransactionOutcome.ROLLED_BACK;
			return committed ? TransactionEnd.COMMITTED : TransactionEnd.ROLLED_BACK;
		}
		finally {
			this.attempt.resolved(outcome, Duration.ofNanos(System.nanoTime() - begin));
		}
	}

}
