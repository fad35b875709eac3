package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * What was asked of a container and what became of it, between the threads that ask and
 * its own. Thread-safe.
 */
final class ContainerControl implements Deliverer.Recorder {

	private static final Log logger = LogFactory.getLog(ContainerControl.class);

	private static final Duration LATE_CHECK = Duration.ofSeconds(30);

	private final ContainerConfig config;

	private final String owner;

	private final Executor executor;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final AtomicLong events = new AtomicLong();

	private final AtomicLong duplicates = new AtomicLong();

	private final AtomicLong restarts = new AtomicLong();

	private boolean stopping;

	private boolean paused;

	private boolean pausedByFailure;

	private boolean leaseLost;

	private boolean ended;

	private @Nullable FeedReader reader;

	private @Nullable TransactionBuffer buffer;

	private ChangefeedState state = ChangefeedState.STARTING;

	private Instant since = Instant.now();

	private @Nullable String lastError;

	private @Nullable String currentOwner;

	private @Nullable BigDecimal position;

	private @Nullable Duration retention;

	private boolean late;

	ContainerControl(ContainerConfig config, String owner, Executor executor) {
		this.config = config;
		this.owner = owner;
		this.executor = executor;
	}

	String owner() {
		return this.owner;
	}

	void execute(Runnable task) {
		this.executor.execute(task);
	}

	void stop() {
		change(() -> this.stopping = true);
	}

	void pauseByHand() {
		change(() -> this.paused = true);
	}

	void pauseByFailure() {
		change(() -> {
			this.paused = true;
			this.pausedByFailure = true;
		});
	}

	void resume() {
		change(() -> {
			this.paused = false;
			this.pausedByFailure = false;
		});
	}

	void leaseLost() {
		change(() -> this.leaseLost = true);
	}

	void leaseDropped() {
		change(() -> {
			this.leaseLost = false;
			this.currentOwner = null;
		});
	}

	void ended() {
		change(() -> {
			this.ended = true;
			if (this.state != ChangefeedState.FAILED && this.state != ChangefeedState.COMPLETED) {
				enter(ChangefeedState.STOPPED);
			}
		});
	}

	private void change(Runnable change) {
		FeedReader open;
		this.lock.lock();
		try {
			change.run();
			open = goOnLocked() ? null : this.reader;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		if (open != null) {
			open.close();
		}
	}

	boolean isStopping() {
		return locked(() -> this.stopping);
	}

	boolean isPaused() {
		return locked(() -> this.paused);
	}

	boolean isLeaseLost() {
		return locked(() -> this.leaseLost);
	}

	boolean hasEnded() {
		return locked(() -> this.ended);
	}

	boolean goOn() {
		return locked(this::goOnLocked);
	}

	private boolean goOnLocked() {
		return !this.stopping && !this.paused && !this.leaseLost;
	}

	void awaitResume() throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			enter(ChangefeedState.PAUSED);
			while (this.paused && !this.stopping && !this.leaseLost) {
				warnIfLate();
				this.changed.awaitNanos(LATE_CHECK.toNanos());
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait, unless something else is to be done.
	 * @return {@code false} if so
	 */
	boolean pause(Duration time) throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			long nanos = time.toNanos();
			while (goOnLocked() && nanos > 0) {
				nanos = this.changed.awaitNanos(nanos);
			}
			return goOnLocked();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait for the end.
	 * @return {@code true} if it has come in time
	 */
	boolean awaitEnd(Duration time) throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			long nanos = time.toNanos();
			while (!this.ended && nanos > 0) {
				nanos = this.changed.awaitNanos(nanos);
			}
			return this.ended;
		}
		finally {
			this.lock.unlock();
		}
	}

	void use(FeedReader opened, TransactionBuffer filled) {
		change(() -> {
			this.reader = opened;
			this.buffer = filled;
		});
	}

	void unuse() {
		change(() -> {
			this.reader = null;
			this.buffer = null;
		});
	}

	/**
	 * Enter a state.
	 * @return {@code true} if it was another one before
	 */
	boolean state(ChangefeedState entered) {
		return locked(() -> enter(entered));
	}

	private boolean enter(ChangefeedState entered) {
		boolean other = this.state != entered;
		if (other) {
			this.state = entered;
			this.since = Instant.now();
		}
		return other;
	}

	void ownedBy(@Nullable String instance) {
		change(() -> this.currentOwner = instance);
	}

	void reached(Position reached) {
		this.lock.lock();
		try {
			this.position = reached.timestamp();
			enter(ChangefeedState.RUNNING);
			warnIfLate();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Take note of where it starts, and of how far behind it may be.
	 */
	void starts(Position start, @Nullable Duration allowed) {
		change(() -> {
			this.position = start.timestamp();
			this.retention = allowed;
			warnIfLate();
		});
	}

	/**
	 * Warn once when half of the time has passed in which it can go on from its position.
	 */
	void warnIfLate() {
		ChangefeedStatus status = status();
		boolean behind = status.isBehind(0.5);
		if (behind && !this.late) {
			logger.warn(LogMessage
				.format("Changefeed listener '%s' (%s) is %s s behind, and its tables keep what is past for %s s only "
						+ "(gc.ttlseconds): after that it cannot go on from its position. Resume it if it is paused, see why "
						+ "it is slow or cannot reach the database, or raise gc.ttlseconds with ALTER TABLE … CONFIGURE ZONE",
						status.id(), status.state(), seconds(status.lag()), seconds(status.retention())));
		}
		this.late = behind;
	}

	private static long seconds(@Nullable Duration duration) {
		return (duration != null) ? duration.toSeconds() : 0;
	}

	@Override
	public void failed(Throwable failure) {
		failed(failure.toString());
	}

	void failed(String message) {
		change(() -> this.lastError = message);
	}

	void restarted(String reason) {
		this.restarts.incrementAndGet();
		this.config.observers().forEach((observer) -> observer.restarted(this.config.id(), reason));
	}

	void duplicate() {
		this.duplicates.incrementAndGet();
		this.config.observers().forEach((observer) -> observer.duplicate(this.config.id()));
	}

	@Override
	public ChangefeedObserver.Processing processing(int rows) {
		List<ChangefeedObserver.Processing> all = this.config.observers()
			.stream()
			.map((observer) -> observer.processing(this.config.id(), rows))
			.toList();
		return (failure) -> {
			for (int i = all.size() - 1; i >= 0; i--) {
				all.get(i).ended(failure);
			}
		};
	}

	@Override
	public void delivered(int rows, Duration lag) {
		this.events.addAndGet(rows);
		this.config.observers().forEach((observer) -> observer.delivered(this.config.id(), rows, lag));
	}

	ChangefeedStatus status() {
		this.lock.lock();
		try {
			return new ChangefeedStatus(this.config.id(), this.state, this.since, this.config.tables(),
					this.currentOwner, this.position, lag(), this.pausedByFailure, this.lastError, this.events.get(),
					this.duplicates.get(), this.restarts.get(), bufferedRows(),
					(this.buffer != null) ? this.buffer.bytes() : 0, this.retention);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return the status of a container that was never started.
	 */
	ChangefeedStatus stoppedStatus() {
		state(ChangefeedState.STOPPED);
		return status();
	}

	private @Nullable Duration lag() {
		if (this.position == null || this.state == ChangefeedState.STANDBY || this.state == ChangefeedState.STOPPED) {
			return null;
		}
		return Duration.between(Instant.ofEpochSecond(0, this.position.longValue()), Instant.now());
	}

	private long bufferedRows() {
		return ((this.buffer != null) ? this.buffer.rows() : 0) + ((this.reader != null) ? this.reader.size() : 0);
	}

	private boolean locked(BooleanSupplier question) {
		this.lock.lock();
		try {
			return question.getAsBoolean();
		}
		finally {
			this.lock.unlock();
		}
	}

}
