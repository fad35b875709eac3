package io.github.crdbspring.matrix;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.assertj.core.api.SoftAssertions;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A call on a thread of its own, what it ended in, and what it left behind.
 */
final class Call {

	private static final CrdbTransactionOptions ENOUGH_TIME = CrdbTransactionOptions.builder()
		.timeout(Duration.ofMinutes(1))
		.build();

	private final Application application;

	private final Stack stack;

	private final Entry entry;

	private final Fault fault;

	private final Work work;

	private final Work next;

	private final List<String> leftOnThread = new ArrayList<>();

	private Throwable thrown;

	private Throwable thrownByNext;

	private Call(Application application, Stack stack, Entry entry, Fault fault) {
		this.application = application;
		this.stack = stack;
		this.entry = entry;
		this.fault = fault;
		this.work = new Work(application, fault);
		this.next = new Work(application, Fault.none());
	}

	/**
	 * Make a call, and another one without a fault on the same thread. A call that has
	 * run out of time before the moment of its fault says nothing, and is made again.
	 */
	static Call make(Application application, Stack stack, Entry entry, Fault fault) throws Exception {
		Call call = new Call(application, stack, entry, fault);
		call.run();
		for (int i = 0; i < 20 && fault.timed() && !call.work.hasFaultHappened(); i++) {
			call = new Call(application, stack, entry, fault);
			call.run();
		}
		return call;
	}

	private void run() throws Exception {
		// What a callback does to a connection after COMMIT stays with the persistence
		// context that holds it
		boolean nextInView = this.stack.openInView() && !this.fault.moment().isAfterCommit();
		FutureTask<Void> task = new FutureTask<>(() -> {
			Runnable request = () -> {
				callFirst();
				if (nextInView) {
					callNext();
				}
			};
			if (this.stack.openInView()) {
				this.application.inView(request);
			}
			else {
				request.run();
			}
			if (!nextInView) {
				callNext();
			}
		}, null);
		Thread thread = new Thread(task, "matrix");
		thread.setDaemon(true);
		thread.start();
		try {
			task.get(60, TimeUnit.SECONDS);
		}
		finally {
			thread.interrupt();
		}
	}

	private void callFirst() {
		this.thrown = thrownBy(() -> this.entry.call(this.application, this.work, this.fault.timed()));
		this.application.testBed().proxy().forgetPlans();
		findWhatIsLeftOnThread();
	}

	private void callNext() {
		this.thrownByNext = thrownBy(
				() -> this.application.template().executeWithoutResult(ENOUGH_TIME, (status) -> this.next.run()));
	}

	private static Throwable thrownBy(Runnable action) {
		try {
			action.run();
			return null;
		}
		catch (Throwable ex) {
			return ex;
		}
	}

	private void findWhatIsLeftOnThread() {
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			this.leftOnThread.add("synchronizations");
		}
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			this.leftOnThread.add("a transaction");
		}
		if (TransactionSynchronizationManager.hasResource(this.application.dataSource())) {
			this.leftOnThread.add("a connection");
		}
		if (TransactionAttempt.current().isPresent()) {
			this.leftOnThread.add("an attempt");
		}
	}

	/**
	 * Verify that it ended as it must, and that what the caller was told is true.
	 */
	void verify() {
		SoftAssertions.assertSoftly((softly) -> {
			int rows = rows(this.work);
			String outcome = this.stack + ", " + this.entry + ", " + this.fault + ": " + this.work.attempts()
					+ " attempts, " + rows + " rows, thrown: " + this.thrown;
			softly.assertThat(this.work.hasFaultHappened()).as("the fault happened").isTrue();
			softly.assertThat(mayBeTrue(rows)).as("what the caller is told is true: " + outcome).isTrue();
			if (!this.fault.told().matches(this.thrown, this.work.ownException())) {
				softly.fail("the caller is not told " + this.fault.told() + ": " + outcome, this.thrown);
			}
			softly.assertThat(rows).as("rows: " + outcome).isEqualTo(this.fault.rows());
			softly.assertThat(this.work.attempts()).as("attempts: " + outcome).isEqualTo(this.fault.attempts());
			softly.assertThat(this.leftOnThread).as("left on the thread: " + outcome).isEmpty();
			softly.assertThat(this.thrownByNext).as("the next transaction").isNull();
			softly.assertThat(rows(this.next)).as("rows of the next transaction").isEqualTo(1);
			int connections = this.application.connectionsInUse();
			softly.assertThat(connections).as("connections in use afterwards: " + outcome).isZero();
			if (connections == 0) {
				softly.assertThatCode(this.application::useAllConnections).doesNotThrowAnyException();
			}
			else {
				this.application.testBed().discard(this.application);
			}
		});
	}

	private int rows(Work ofWork) {
		return this.application.testBed().rows(ofWork.token());
	}

	/**
	 * Whether what the caller was told goes together with what the database has, whatever
	 * it should have been told.
	 */
	private boolean mayBeTrue(int rows) {
		if (Told.UNKNOWN.matches(this.thrown, null)) {
			return rows <= 1;
		}
		boolean committed = this.thrown == null || Told.COMMITTED.matches(this.thrown, null)
				|| (this.fault.moment().isAfterCommit()
						&& Told.OWN_EXCEPTION.matches(this.thrown, this.work.ownException()));
		return rows == (committed ? 1 : 0);
	}

}
