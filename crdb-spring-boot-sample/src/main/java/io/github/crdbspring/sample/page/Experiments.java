package io.github.crdbspring.sample.page;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

import io.github.crdbspring.sample.bank.Bank;
import io.github.crdbspring.sample.fault.CutMoment;
import io.github.crdbspring.sample.fault.Faults;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Makes faults while transfers are being made, one fault at a time, and says what has
 * become of those, as far as the meters know. Thread-safe.
 */
@Component
class Experiments implements DisposableBean {

	private static final int CONFLICT_SECONDS = 3;

	private static final int PAUSE_SECONDS = 4;

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/**
	 * A little longer than an outcome is tried to be found out.
	 */
	private static final Duration FINDING_PATIENCE = Duration.ofSeconds(35);

	private static final long POLL_MILLIS = 20;

	private final PageLoad load;

	private final Bank bank;

	private final Faults faults;

	private final FigureReader reader;

	private final Happenings happenings;

	private final AtomicReference<@Nullable String> running = new AtomicReference<>();

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	Experiments(PageLoad load, Bank bank, Faults faults, FigureReader reader, Happenings happenings) {
		this.load = load;
		this.bank = bank;
		this.faults = faults;
		this.reader = reader;
		this.happenings = happenings;
	}

	/**
	 * Return what is being done.
	 * @return the experiment, {@code null} if there is none
	 */
	@Nullable String running() {
		return this.running.get();
	}

	void injectConflicts() {
		run("Others are writing the same accounts for " + CONFLICT_SECONDS + " seconds", CONFLICT_SECONDS + 1, () -> {
			Totals before = this.reader.totals();
			int writes = this.faults.rivalsWrite(this.load.accountsInUse(), Duration.ofSeconds(CONFLICT_SECONDS));
			Totals since = this.reader.totals().since(before);
			this.happenings.tell((since.givenUp() > 0) ? Happening.Kind.REFUSED : Happening.Kind.RETRIED,
					Sentences.conflicts(writes, CONFLICT_SECONDS, since, total()));
		});
	}

	void cutDuringCommit(CutMoment moment) {
		this.faults.requireProxied();
		run("The next connection that commits a transfer is being cut", (int) PATIENCE.toSeconds(), () -> {
			Totals before = this.reader.totals();
			if (!this.faults.cutNextCommit(moment, PATIENCE)) {
				this.happenings.tell(Happening.Kind.REFUSED, Sentences.noCommit());
				return;
			}
			Totals since = awaitFinding(before);
			this.happenings.tell((since.unknown() > 0) ? Happening.Kind.UNKNOWN : Happening.Kind.RESOLVED,
					Sentences.cut(moment, since, total()));
		});
	}

	private Totals awaitFinding(Totals before) throws InterruptedException {
		long end = System.nanoTime() + FINDING_PATIENCE.toNanos();
		while (true) {
			Totals since = this.reader.totals().since(before);
			if (since.hasFinding()) {
				return since;
			}
			if (System.nanoTime() - end >= 0) {
				throw new IllegalStateException("No meter says what became of the transfer");
			}
			Thread.sleep(POLL_MILLIS);
		}
	}

	void pauseDatabase() {
		this.faults.requireProxied();
		run("The database says nothing for " + PAUSE_SECONDS + " seconds", PAUSE_SECONDS + 2, () -> {
			Totals before = this.reader.totals();
			this.faults.pauseDatabase(Duration.ofSeconds(PAUSE_SECONDS));
			// So that those that have waited are counted
			BigDecimal total = total();
			Thread.sleep(Duration.ofSeconds(1).toMillis());
			Totals since = this.reader.totals().since(before);
			this.happenings.tell(
					(since.givenUp() + since.unknown() > 0) ? Happening.Kind.REFUSED : Happening.Kind.WAITED,
					Sentences.paused(PAUSE_SECONDS, this.reader.maxMillis(), since, total));
		});
	}

	private BigDecimal total() {
		return this.bank.total(this.load.accounts());
	}

	private void run(String what, int seconds, Experiment experiment) {
		if (!this.running.compareAndSet(null, what)) {
			throw new ExperimentInProgressException();
		}
		try {
			this.load.startIfIdle(seconds);
			this.happenings.tell(Happening.Kind.STARTED, what + ".");
			this.executor.execute(() -> {
				try {
					experiment.run();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				catch (RuntimeException ex) {
					this.happenings.failed("The experiment", ex);
				}
				finally {
					this.running.set(null);
				}
			});
		}
		catch (RuntimeException ex) {
			this.running.set(null);
			throw ex;
		}
	}

	@Override
	public void destroy() {
		this.executor.shutdownNow();
	}

	/**
	 * What is done.
	 */
	private interface Experiment {

		void run() throws InterruptedException;

	}

}
