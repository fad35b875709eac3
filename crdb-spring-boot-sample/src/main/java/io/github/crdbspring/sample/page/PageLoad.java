package io.github.crdbspring.sample.page;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.github.crdbspring.sample.bank.Bank;
import io.github.crdbspring.sample.load.LoadInProgressException;
import io.github.crdbspring.sample.load.LoadReport;
import io.github.crdbspring.sample.load.LoadRunner;
import io.github.crdbspring.sample.load.LoadStoppedException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Loads that run for a time, between accounts that are the page's own, so that their
 * total stays what it was. Thread-safe.
 */
@Component
class PageLoad implements DisposableBean {

	private static final int ACCOUNTS = 2 * PageLoadRequest.MAX_THREADS;

	private static final BigDecimal OPENING_BALANCE = new BigDecimal("1000.00");

	static final BigDecimal TOTAL = OPENING_BALANCE.multiply(BigDecimal.valueOf(ACCOUNTS));

	private final Bank bank;

	private final LoadRunner runner;

	private final Happenings happenings;

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	private @Nullable List<UUID> accounts;

	private volatile @Nullable Running running;

	PageLoad(Bank bank, LoadRunner runner, Happenings happenings) {
		this.bank = bank;
		this.runner = runner;
		this.happenings = happenings;
	}

	/**
	 * Return the accounts, which are opened when they are first needed.
	 */
	synchronized List<UUID> accounts() {
		List<UUID> opened = this.accounts;
		if (opened == null) {
			opened = this.bank.openAccounts(ACCOUNTS, OPENING_BALANCE);
			this.accounts = opened;
		}
		return opened;
	}

	/**
	 * Start a load.
	 * @throws LoadInProgressException if there is one
	 */
	void start(PageLoadRequest request) {
		List<UUID> accounts = accounts();
		begin(new Running(request, System.nanoTime() + Duration.ofSeconds(request.seconds()).toNanos()), accounts,
				true);
	}

	/**
	 * Start a small load, unless there is one.
	 */
	void startIfIdle(int seconds) {
		List<UUID> accounts = accounts();
		if (this.running == null) {
			PageLoadRequest request = new PageLoadRequest(LoadShape.SPREAD, 2, seconds);
			begin(new Running(request, System.nanoTime() + Duration.ofSeconds(seconds).toNanos()), accounts, false);
		}
	}

	private synchronized void begin(Running next, List<UUID> accounts, boolean told) {
		if (this.running != null) {
			throw new LoadInProgressException();
		}
		this.runner.requireIdle();
		this.running = next;
		if (told) {
			this.happenings.tell(Happening.Kind.STARTED, Sentences.started(next.request()));
		}
		this.executor.execute(() -> run(next, accounts, told));
	}

	private void run(Running current, List<UUID> accounts, boolean told) {
		PageLoadRequest request = current.request();
		try {
			LoadReport report = this.runner.run(accounts, request.shape().share(accounts, request.threads()),
					() -> this.running == current && System.nanoTime() - current.end() < 0);
			if (told) {
				this.happenings.tell(Happening.Kind.ENDED, Sentences.ended(report));
			}
		}
		catch (LoadInProgressException | LoadStoppedException ex) {
			this.happenings.tell(Happening.Kind.REFUSED, ex.getMessage() + ".");
		}
		catch (RuntimeException ex) {
			this.happenings.failed("The load", ex);
		}
		finally {
			clear(current);
		}
	}

	private synchronized void clear(Running ended) {
		if (this.running == ended) {
			this.running = null;
		}
	}

	void stop() {
		this.running = null;
	}

	/**
	 * Return what is running.
	 * @return the load, {@code null} if there is none
	 */
	@Nullable State state() {
		Running current = this.running;
		return (current != null) ? new State(current.request().shape(), current.request().threads(),
				Math.max(0, Duration.ofNanos(current.end() - System.nanoTime()).toSeconds())) : null;
	}

	/**
	 * Return the accounts that transfers are made between at the moment.
	 */
	List<UUID> accountsInUse() {
		Running current = this.running;
		List<UUID> accounts = accounts();
		return (current != null) ? current.request()
			.shape()
			.share(accounts, current.request().threads())
			.stream()
			.flatMap(List::stream)
			.distinct()
			.toList() : accounts;
	}

	@Override
	public void destroy() {
		stop();
		this.executor.shutdown();
	}

	/**
	 * A load that is running.
	 *
	 * @param request what was asked for
	 * @param end when it ends, as {@link System#nanoTime()} tells it
	 */
	private record Running(PageLoadRequest request, long end) {

	}

	/**
	 * A load that is running, for the page.
	 *
	 * @param shape which accounts
	 * @param threads how many threads
	 * @param secondsLeft how long it still takes
	 */
	record State(LoadShape shape, int threads, long secondsLeft) {

	}

}
