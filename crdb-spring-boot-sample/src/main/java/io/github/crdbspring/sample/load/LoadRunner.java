package io.github.crdbspring.sample.load;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

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
class LoadRunner {

	private static final BigDecimal OPENING_BALANCE = new BigDecimal("1000.00");

	private final Bank bank;

	private final AttemptCounter attempts;

	private final AtomicBoolean running = new AtomicBoolean();

	private volatile boolean stopping;

	LoadRunner(Bank bank, AttemptCounter attempts) {
		this.bank = bank;
		this.attempts = attempts;
	}

	LoadReport run(LoadRequest request) {
		if (!this.running.compareAndSet(false, true)) {
			throw new LoadInProgressException();
		}
		try {
			List<UUID> accounts = this.bank.openAccounts(request.accounts(), OPENING_BALANCE);
			BigDecimal totalBefore = this.bank.total(accounts);
			long start = System.nanoTime();
			List<LoadTally> tallies = transfer(request, accounts);
			long nanos = System.nanoTime() - start;
			return LoadTally.report(tallies, nanos, totalBefore, this.bank.total(accounts));
		}
		finally {
			this.running.set(false);
		}
	}

	private List<LoadTally> transfer(LoadRequest request, List<UUID> accounts) {
		AtomicInteger left = new AtomicInteger(request.transfers());
		BooleanSupplier next = () -> !this.stopping && left.getAndDecrement() > 0;
		List<LoadWorker> workers = new ArrayList<>();
		for (int i = 0; i < request.threads(); i++) {
			workers.add(new LoadWorker(this.bank, this.attempts, accounts, next));
		}
		ExecutorService executor = Executors.newFixedThreadPool(request.threads());
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
	 * Begin no more transfers, so that the application stops as soon as those are done
	 * that have begun.
	 */
	@EventListener(ContextClosedEvent.class)
	void stop() {
		this.stopping = true;
	}

}
