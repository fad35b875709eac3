package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Calls a listener again for rows that were put aside.
 */
final class DeadLetterReplay {

	private final OffsetStore offsets;

	private final DeadLetters deadLetters;

	private final ContainerConfig.Target target;

	private int processed;

	DeadLetterReplay(OffsetStore offsets, DeadLetters deadLetters, ContainerConfig.Target target) {
		this.offsets = offsets;
		this.deadLetters = deadLetters;
		this.target = target;
	}

	int run() {
		BigDecimal committed = next(BigDecimal.ZERO);
		while (committed != null) {
			replay(committed);
			committed = next(committed);
		}
		return this.processed;
	}

	private @Nullable BigDecimal next(BigDecimal after) {
		return this.deadLetters.next(after);
	}

	private void replay(BigDecimal committed) {
		int[] rows = new int[1];
		this.offsets.inTransaction(() -> {
			List<FeedRow> taken = this.deadLetters.take(committed);
			rows[0] = taken.size();
			if (!taken.isEmpty()) {
				this.target.call(taken);
			}
		});
		this.processed += rows[0];
	}

}
