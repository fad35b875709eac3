package io.github.crdbspring.chaos;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.CommittedTransactionException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A caller's transfer, and what the caller was told became of it.
 */
final class Call {

	private static final Log logger = LogFactory.getLog(Call.class);

	private final Transfer transfer;

	private final String teller;

	private final List<String> failures = new CopyOnWriteArrayList<>();

	private volatile Answer answer = Answer.NONE;

	private volatile String exception = "";

	private volatile long answered;

	Call(Transfer transfer, String teller) {
		this.transfer = transfer;
		this.teller = teller;
	}

	Transfer transfer() {
		return this.transfer;
	}

	String teller() {
		return this.teller;
	}

	Answer answer() {
		return this.answer;
	}

	/**
	 * Return when the caller was told, in the nanoseconds of {@link System#nanoTime()}.
	 */
	long answered() {
		return this.answered;
	}

	/**
	 * Return the name of the exception that the caller got, empty if the call returned
	 * normally.
	 */
	String exception() {
		return this.exception;
	}

	/**
	 * Return what the attempts failed with, in their order.
	 */
	List<String> failures() {
		return this.failures;
	}

	void attemptFailed(Throwable failure) {
		add(Failures.describe(failure));
	}

	void returned() {
		this.answered = System.nanoTime();
		this.answer = Answer.COMMITTED;
	}

	void failed(Throwable thrown) {
		this.answered = System.nanoTime();
		this.exception = Failures.name(thrown);
		add("thrown: " + Failures.describe(thrown));
		if (thrown instanceof AmbiguousCommitException) {
			this.answer = Answer.UNKNOWN;
		}
		else {
			this.answer = (thrown instanceof CommittedTransactionException) ? Answer.COMMITTED : Answer.NOT_COMMITTED;
		}
	}

	private void add(String failure) {
		this.failures.add(failure);
		logger.info(this.transfer.token() + " (" + this.teller + "): " + failure);
	}

	/**
	 * What a caller can be told.
	 */
	enum Answer {

		/**
		 * The call has not returned.
		 */
		NONE,

		/**
		 * The call has returned normally, or thrown
		 * {@link CommittedTransactionException}.
		 */
		COMMITTED,

		/**
		 * The call has thrown something that says that nothing was committed.
		 */
		NOT_COMMITTED,

		/**
		 * The call has thrown {@link AmbiguousCommitException}.
		 */
		UNKNOWN

	}

}
