package io.github.crdbspring.metrics;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a transaction that is observed.
 *
 * @since 0.1.0
 */
public class CrdbTransactionObservationContext extends Observation.Context {

	private final String transactionName;

	private final CrdbTransactionOptions options;

	private int attempts;

	private @Nullable TransactionOutcome outcome;

	CrdbTransactionObservationContext(String transactionName, CrdbTransactionOptions options) {
		this.transactionName = transactionName;
		this.options = options;
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
	 * Return how the transaction is run.
	 * @return the options, with all defaults applied
	 */
	public CrdbTransactionOptions getOptions() {
		return this.options;
	}

	/**
	 * Return how many attempts have begun.
	 * @return the number of attempts so far
	 */
	public int getAttempts() {
		return this.attempts;
	}

	void setAttempts(int attempts) {
		this.attempts = attempts;
	}

	/**
	 * Return how the transaction ended.
	 * @return the outcome, {@code null} before the end
	 */
	public @Nullable TransactionOutcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(TransactionOutcome outcome) {
		this.outcome = outcome;
	}

}
