package io.github.crdbspring.chaos;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.springframework.dao.DataAccessException;

/**
 * Makes one fault after the other, which one is a matter of chance.
 */
final class FaultMaker extends Thread {

	private final FaultTally tally;

	private final List<FaultKind> faults = new ArrayList<>();

	private final Duration pause;

	private final Random random;

	private Exception failure;

	/**
	 * Create a maker.
	 * @param faults what it makes
	 * @param pause the time between two faults, on average
	 * @param tally where they are counted
	 * @param seed what decides which fault comes next
	 */
	FaultMaker(List<FaultKind> faults, Duration pause, FaultTally tally, long seed) {
		super("fault-maker");
		faults.forEach((fault) -> {
			for (int i = 0; i < fault.weight(); i++) {
				this.faults.add(fault);
			}
		});
		this.pause = pause;
		this.tally = tally;
		this.random = new Random(seed);
		setDaemon(true);
	}

	@Override
	public void run() {
		try {
			while (this.tally.pause(this.pause.multipliedBy(this.random.nextInt(201)).dividedBy(100))) {
				make(this.faults.get(this.random.nextInt(this.faults.size())));
			}
		}
		catch (Exception ex) {
			this.failure = ex;
		}
	}

	private void make(FaultKind fault) throws Exception {
		try {
			if (fault.strike().strike(this.random)) {
				this.tally.happened(fault.kind());
			}
		}
		catch (SQLException | DataAccessException | IOException ex) {
			this.tally.failed(fault.kind(), ex);
		}
	}

	/**
	 * Wait until no more faults are to be made.
	 * @throws Exception what put an end to it ahead of time
	 */
	void await() throws Exception {
		join();
		if (this.failure != null) {
			throw this.failure;
		}
	}

}
