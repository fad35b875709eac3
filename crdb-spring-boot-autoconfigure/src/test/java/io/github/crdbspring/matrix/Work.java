package io.github.crdbspring.matrix;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What a call does in its transaction, with a fault in the first attempt: read, store a
 * row with the token of the call, and register what comes before and after the commit.
 */
final class Work implements Runnable {

	private final Application application;

	private final Fault fault;

	private final UUID token = UUID.randomUUID();

	private final List<Integer> attempts = new ArrayList<>();

	private volatile TransactionAttempt attempt;

	private volatile boolean faultHappened;

	private Throwable ownException;

	Work(Application application, Fault fault) {
		this.application = application;
		this.fault = fault;
	}

	@Override
	public void run() {
		this.attempt = TransactionAttempt.current().orElse(null);
		this.attempts.add((this.attempt != null) ? this.attempt.number() : 0);
		reach(Moment.FIRST_STATEMENT);
		session().read();
		session().store(new StoredCall(UUID.randomUUID(), this));
		reach(Moment.LATER_STATEMENT);
		this.application.publish(this);
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
			@Override
			public void beforeCommit(boolean readOnly) {
				reach(Moment.BEFORE_COMMIT);
			}

			@Override
			public void afterCommit() {
				reach(Moment.AFTER_COMMIT);
			}
		});
		if (this.fault.moment().isOfCommit()) {
			reach(this.fault.moment());
		}
	}

	/**
	 * Be at a moment, and make the fault if it is that of the fault.
	 */
	void reach(Moment moment) {
		if (this.fault.moment() != moment || this.attempts.size() > 1) {
			return;
		}
		// What lets the timeout pass may come later, in the middle of the commit
		this.faultHappened = !this.fault.timed();
		try {
			this.fault.action().run(this);
		}
		catch (Throwable ex) {
			this.ownException = ex;
			throw ex;
		}
	}

	/**
	 * Run a statement: on the connection of the transaction even if that is over.
	 */
	void execute(String sql) {
		if (this.fault.moment().isAfterCommit()) {
			this.application.jdbc().sql(sql).update();
		}
		else {
			session().execute(sql);
		}
	}

	/**
	 * Write what a rival reads, and read what it writes, so that COMMIT fails.
	 */
	void writeSkew() {
		conflicts().writeSkew(1, 2, () -> execute("UPDATE account SET balance = balance + 1 WHERE id = 2"));
	}

	/**
	 * Wait until the timeout has passed.
	 */
	void outlast() {
		while (remaining().compareTo(Duration.ZERO) >= 0) {
			LockSupport.parkNanos(1_000_000);
		}
		this.faultHappened = true;
	}

	/**
	 * Run a statement that takes longer than there is time.
	 */
	void outlastInServer() {
		session().sleep(Math.max(remaining().plusMillis(5).toMillis(), 0) / 1000.0);
		outlast();
	}

	private Duration remaining() {
		return Application.TIMEOUT.minus(this.attempt.elapsed());
	}

	private Session session() {
		return this.application.session();
	}

	WireProxy proxy() {
		return this.application.testBed().proxy();
	}

	Conflicts conflicts() {
		return this.application.testBed().conflicts();
	}

	UUID token() {
		return this.token;
	}

	List<Integer> attempts() {
		return this.attempts;
	}

	boolean hasFaultHappened() {
		return this.faultHappened;
	}

	/**
	 * Return the exception that came out of code of the user's.
	 */
	Throwable ownException() {
		return this.ownException;
	}

}
