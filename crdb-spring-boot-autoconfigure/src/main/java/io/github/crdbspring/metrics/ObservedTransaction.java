package io.github.crdbspring.metrics;

import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one transaction, which has just begun, and of its attempts.
 */
final class ObservedTransaction implements TransactionObserver.Observed {

	private final ObservationTransactionObserver observer;

	private final CrdbTransactionObservationContext context;

	private final Observation transaction;

	private final Observation.Scope scope;

	private @Nullable CrdbAttemptObservationContext attemptContext;

	private Observation attempt = Observation.NOOP;

	private Observation.Scope attemptScope = Observation.Scope.NOOP;

	ObservedTransaction(ObservationTransactionObserver observer, CrdbTransactionObservationContext context,
			Observation transaction) {
		this.observer = observer;
		this.context = context;
		this.transaction = transaction;
		this.scope = transaction.openScope();
	}

	@Override
	public void attemptStarted(TransactionAttempt attempt) {
		this.context.setAttempts(attempt.number());
		this.attemptContext = new CrdbAttemptObservationContext(this.context.getTransactionName(), attempt);
		this.attempt = this.observer.create(this.attemptContext).start();
		// The scope of an attempt that nobody observes would hide the transaction's
		this.attemptScope = this.attempt.isNoop() ? Observation.Scope.NOOP : this.attempt.openScope();
	}

	@Override
	public void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome, @Nullable Throwable failure) {
		if (this.attemptContext != null) {
			this.attemptContext.setOutcome(outcome);
		}
		end(this.attempt, this.attemptScope, failure);
	}

	@Override
	public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
		this.context.setOutcome(outcome);
		end(this.transaction, this.scope, failure);
	}

	private static void end(Observation observation, Observation.Scope scope, @Nullable Throwable failure) {
		scope.close();
		if (failure != null) {
			observation.error(failure);
		}
		observation.stop();
	}

}
