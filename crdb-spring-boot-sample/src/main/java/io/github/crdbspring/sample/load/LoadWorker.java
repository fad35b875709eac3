package io.github.crdbspring.sample.load;

import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

import io.github.crdbspring.sample.bank.Bank;
import io.github.crdbspring.sample.bank.InsufficientFundsException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * One thread of a load: makes random transfers as long as there are any to make.
 */
class LoadWorker implements Callable<LoadTally> {

	private static final Log logger = LogFactory.getLog(LoadWorker.class);

	private static final int MAX_CENTS = 1000;

	private final Bank bank;

	private final AttemptCounter attempts;

	private final List<UUID> accounts;

	private final BooleanSupplier next;

	private final LoadTally tally = new LoadTally();

	/**
	 * Create a worker.
	 * @param next takes the next transfer from those that are left, if there is one
	 */
	LoadWorker(Bank bank, AttemptCounter attempts, List<UUID> accounts, BooleanSupplier next) {
		this.bank = bank;
		this.attempts = attempts;
		this.accounts = accounts;
		this.next = next;
	}

	@Override
	public LoadTally call() {
		while (this.next.getAsBoolean()) {
			transfer();
		}
		return this.tally;
	}

	private void transfer() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		int from = random.nextInt(this.accounts.size());
		int to = (from + random.nextInt(1, this.accounts.size())) % this.accounts.size();
		BigDecimal amount = BigDecimal.valueOf(random.nextInt(1, MAX_CENTS + 1), 2);
		long start = System.nanoTime();
		try {
			this.bank.transfer(this.accounts.get(from), this.accounts.get(to), amount);
			this.tally.committed(System.nanoTime() - start);
		}
		catch (InsufficientFundsException ex) {
			this.tally.refused();
		}
		catch (RuntimeException ex) {
			this.tally.failed();
			logger.warn("A transfer of the load failed: " + ex.getMessage());
			logger.debug("The failure", ex);
		}
		finally {
			this.tally.attempts(this.attempts.take());
		}
	}

}
