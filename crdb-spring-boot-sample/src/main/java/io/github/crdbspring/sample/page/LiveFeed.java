package io.github.crdbspring.sample.page;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.sample.audit.Audit;
import io.github.crdbspring.sample.bank.Account;
import io.github.crdbspring.sample.bank.Bank;
import io.github.crdbspring.sample.fault.Faults;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Looks at the bank once a second, and tells those who look at the page. The figures are
 * looked at all the time, the accounts only if there is somebody to tell. Each has a
 * thread of its own: a database that says nothing holds up the accounts, and not the
 * figures.
 */
@Component
class LiveFeed implements DisposableBean {

	private static final Log logger = LogFactory.getLog(LiveFeed.class);

	private static final int KEPT = 180;

	private final FigureReader reader;

	private final PageLoad load;

	private final Experiments experiments;

	private final Happenings happenings;

	private final Subscribers subscribers;

	private final Bank bank;

	private final Audit audit;

	private final Faults faults;

	private final DataSource dataSource;

	private final Deque<Figures> history = new ArrayDeque<>();

	private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);

	private Totals last;

	private long lastNanos;

	private volatile @Nullable AccountsNow accounts;

	LiveFeed(FigureReader reader, PageLoad load, Experiments experiments, Happenings happenings,
			Subscribers subscribers, Bank bank, Audit audit, Faults faults, DataSource dataSource) {
		this.reader = reader;
		this.load = load;
		this.experiments = experiments;
		this.happenings = happenings;
		this.subscribers = subscribers;
		this.bank = bank;
		this.audit = audit;
		this.faults = faults;
		this.dataSource = dataSource;
		this.last = reader.totals();
		this.lastNanos = System.nanoTime();
	}

	@EventListener(ApplicationStartedEvent.class)
	void start() {
		this.executor.scheduleAtFixedRate(safe("figures", this::readFigures), 1, 1, TimeUnit.SECONDS);
		this.executor.scheduleWithFixedDelay(safe("accounts", this::readAccounts), 1, 1, TimeUnit.SECONDS);
	}

	/**
	 * Let a browser know everything from now on, and what has happened lately.
	 */
	synchronized SseEmitter subscribe() {
		List<Subscribers.Event> first = new ArrayList<>();
		first.add(new Subscribers.Event("history", List.copyOf(this.history)));
		first.add(new Subscribers.Event("state", state()));
		this.happenings.last().forEach((happening) -> first.add(new Subscribers.Event("happening", happening)));
		AccountsNow known = this.accounts;
		if (known != null) {
			first.add(new Subscribers.Event("accounts", known));
		}
		return this.subscribers.add(first);
	}

	private synchronized void readFigures() {
		long now = System.nanoTime();
		Figures figures = this.reader.read(this.last, now - this.lastNanos);
		this.last = figures.totals();
		this.lastNanos = now;
		if (this.history.size() == KEPT) {
			this.history.removeFirst();
		}
		this.history.addLast(figures);
		this.subscribers.send("figures", figures);
		this.subscribers.send("state", state());
	}

	private State state() {
		return new State(server(), this.load.state(), this.experiments.running(), this.faults.whyNot());
	}

	private void readAccounts() {
		if (!this.subscribers.isEmpty()) {
			List<Account> read = this.bank.accounts(this.load.accounts());
			BigDecimal total = read.stream().map(Account::balance).reduce(BigDecimal.ZERO, BigDecimal::add);
			AccountsNow now = new AccountsNow(Instant.now(), read, total, total.compareTo(PageLoad.TOTAL) == 0);
			this.accounts = now;
			this.subscribers.send("accounts", now);
			this.subscribers.send("audit", this.audit.report());
		}
	}

	private @Nullable String server() {
		if (this.dataSource instanceof CrdbDataSource crdb) {
			ServerInfo info = crdb.getServerInfo();
			return info.vendor() + " " + info.versionText();
		}
		return null;
	}

	/**
	 * A failure must not end what is to be done every second.
	 */
	private static Runnable safe(String what, Runnable task) {
		return () -> {
			try {
				task.run();
			}
			catch (RuntimeException ex) {
				logger.warn("Cannot read the " + what + ": " + ex.getMessage());
				logger.debug("The failure", ex);
			}
		};
	}

	@Override
	public void destroy() {
		this.executor.shutdownNow();
	}

	/**
	 * What is going on.
	 *
	 * @param server the database
	 * @param load the load that is running
	 * @param experiment the fault that is being made
	 * @param noFaults why connections cannot be cut, nor the database be paused
	 */
	record State(@Nullable String server, PageLoad.@Nullable State load, @Nullable String experiment,
			@Nullable String noFaults) {

	}

	/**
	 * The page's accounts at one moment.
	 *
	 * @param time when
	 * @param accounts the accounts
	 * @param total what is in them together
	 * @param unchanged whether that is what was in them at first
	 */
	record AccountsNow(Instant time, List<Account> accounts, BigDecimal total, boolean unchanged) {

	}

}
