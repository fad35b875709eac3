package io.github.crdbspring.metrics;

import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * What is known about an attempt of a transaction that is observed; its failure is the
 * {@link #getError() error}.
 *
 * @since 0.1.0
 */
public class CrdbAttemptObservationContext extends Observation.Context {

	private final String transactionName;

	private final TransactionAttempt attempt;

	private @Nullable TransactionOutcome outcome;

	CrdbAttemptObservationContext(String transactionName, TransactionAttempt attempt) {
		this.transactionName = transactionName;
		this.attempt = attempt;
	}

	/**
	 * Return the transaction's name, of which there are not too many.
	 * @return the name, {@code unnamed} if it has none, {@code other} if the program has
	 * computed very many
	 */
	public String getTransactionName() {
		return this.transactionName;
	}

	/**
	 * Return the attempt.
	 * @return the attempt
	 */
	public TransactionAttempt getAttempt() {
		return this.attempt;
	}

	/**
	 * Return how the attempt's transaction ended.
	 * @return the outcome, {@code null} before the end
	 */
	public @Nullable TransactionOutcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(TransactionOutcome outcome) {
		this.outcome = outcome;
	}

}
