package io.github.crdbspring.sample.load;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.github.crdbspring.sample.bank.Bank;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Service;

/**
 * Runs many transfers at once, one load at a time. Each load opens accounts of its own,
 * so that nothing else changes the total of theirs: neither another load on the same
 * database, nor accounts that are opened meanwhile.
 */
@Service
public class LoadRunner {

	private static final BigDecimal OPENING_BALANCE = new BigDecimal("1000.00");

	private static final int STOP_SECONDS = 20;

	private final Bank bank;

	private final AttemptCounter attempts;

	private final Semaphore turn = new Semaphore(1);

	private volatile boolean stopping;

	LoadRunner(Bank bank, AttemptCounter attempts) {
		this.bank = bank;
		this.attempts = attempts;
	}

	LoadReport run(LoadRequest request) {
		return inTurn(() -> {
			List<UUID> accounts = this.bank.openAccounts(request.accounts(), OPENING_BALANCE);
			AtomicInteger left = new AtomicInteger(request.transfers());
			return measure(accounts, Collections.nCopies(request.threads(), accounts),
					() -> left.getAndDecrement() > 0);
		});
	}

	/**
	 * Run a load on accounts that nobody else transfers from or to.
	 * @param accounts all of them
	 * @param byThread those between which each thread makes transfers
	 * @param next whether another transfer is to be made
	 * @return what became of the transfers
	 * @throws LoadInProgressException if another load is running
	 * @throws LoadStoppedException if the application is stopping
	 */
	public LoadReport run(List<UUID> accounts, List<List<UUID>> byThread, BooleanSupplier next) {
		return inTurn(() -> measure(accounts, byThread, next));
	}

	/**
	 * See to it that no load is running.
	 * @throws LoadInProgressException if there is one
	 */
	public void requireIdle() {
		if (this.turn.availablePermits() == 0) {
			throw new LoadInProgressException();
		}
	}

	private LoadReport inTurn(Supplier<LoadReport> load) {
		if (this.stopping) {
			throw new LoadStoppedException();
		}
		if (!this.turn.tryAcquire()) {
			throw new LoadInProgressException();
		}
		try {
			return load.get();
		}
		finally {
			this.turn.release();
		}
	}

	private LoadReport measure(List<UUID> accounts, List<List<UUID>> byThread, BooleanSupplier next) {
		BigDecimal totalBefore = this.bank.total(accounts);
		long start = System.nanoTime();
		List<LoadTally> tallies = transfer(byThread, () -> !this.stopping && next.getAsBoolean());
		long nanos = System.nanoTime() - start;
		return LoadTally.report(tallies, nanos, totalBefore, this.bank.total(accounts));
	}

	private List<LoadTally> transfer(List<List<UUID>> byThread, BooleanSupplier next) {
		List<LoadWorker> workers = new ArrayList<>();
		for (List<UUID> accounts : byThread) {
			workers.add(new LoadWorker(this.bank, this.attempts, accounts, next));
		}
		ExecutorService executor = Executors.newFixedThreadPool(byThread.size());
		try {
			List<LoadTally> tallies = new ArrayList<>();
			for (Future<LoadTally> tally : executor.invokeAll(workers)) {
				tallies.add(tally.get());
			}
			if (this.stopping) {
				throw new LoadStoppedException();
			}
			return tallies;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LoadStoppedException();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A worker of the load failed", ex);
		}
		finally {
			executor.shutdown();
		}
	}

	/**
	 * Begin no more transfers, and let those end that have begun, before the connection
	 * pool is closed.
	 */
	@EventListener(ContextClosedEvent.class)
	void stop() throws InterruptedException {
		this.stopping = true;
		this.turn.tryAcquire(STOP_SECONDS, TimeUnit.SECONDS);
	}

}
