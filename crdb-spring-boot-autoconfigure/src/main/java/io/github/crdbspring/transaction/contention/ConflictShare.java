package io.github.crdbspring.transaction.contention;

/**
 * Which share of the latest attempts ended in conflict: a moving average, as a whole
 * number from 0 to {@link #ALL}.
 */
final class ConflictShare {

	static final int ALL = 1 << 16;

	/**
	 * About how many attempts back the average reaches.
	 */
	private static final int WINDOW = 16;

	private ConflictShare() {
	}

	static int of(double share) {
		return (int) (share * ALL);
	}

	static int after(AttemptEnd end, int share) {
		return switch (end) {
			case COMMIT -> share - share / WINDOW;
			case CONFLICT -> share + (ALL - share + WINDOW - 1) / WINDOW;
			case OTHER -> share;
		};
	}

}
