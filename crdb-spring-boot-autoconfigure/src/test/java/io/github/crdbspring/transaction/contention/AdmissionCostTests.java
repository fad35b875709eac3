package io.github.crdbspring.transaction.contention;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.UUID;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what {@link Admission} costs while nothing is in conflict.
 */
class AdmissionCostTests {

	private static final int CALLS = 10_000;

	private final Admission admission = new Admission("transfer",
			new ContentionSettings(0.25, 0.5, 0.1, Duration.ofSeconds(1), null), System::nanoTime);

	@Test
	void aCallWithThreeArgumentsAllocatesLittleWhileNothingIsInConflict() {
		Object[] arguments = { UUID.randomUUID(), 5L, "text" };
		calls(arguments);
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long before = threads.getCurrentThreadAllocatedBytes();
		calls(arguments);
		assertThat((threads.getCurrentThreadAllocatedBytes() - before) / CALLS).isLessThan(50);
	}

	private void calls(Object[] arguments) {
		for (int i = 0; i < CALLS; i++) {
			CallKeys keys = CallKeys.candidates(arguments);
			Ticket ticket = this.admission.tryBegin(keys, i);
			if (ticket != Ticket.OPEN) {
				throw new AssertionError("limited");
			}
			this.admission.end(ticket, keys, AttemptEnd.COMMIT);
		}
	}

}
