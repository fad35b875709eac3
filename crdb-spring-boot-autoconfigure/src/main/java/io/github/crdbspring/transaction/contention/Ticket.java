package io.github.crdbspring.transaction.contention;

import java.util.List;

/**
 * Stands for an attempt that was admitted. Immutable. Infrastructure of this library, no
 * API for applications.
 *
 * @since 0.1.0
 */
public final class Ticket {

	/**
	 * That of all attempts which begin while nothing is in conflict: nothing is kept of
	 * them but their number.
	 */
	static final Ticket OPEN = new Ticket(0, new boolean[0], List.of(), false, 0);

	private final long number;

	private final boolean[] shared;

	private final List<KeyLimit> limits;

	private final boolean held;

	private final long begun;

	/**
	 * Create a ticket.
	 * @param number the attempt's number
	 * @param shared whether others with the same key were under way when it began, for
	 * each of its keys and the name after them
	 * @param limits the limits that count it
	 * @param held whether it has a place in them, else it is above them
	 * @param begun when it began
	 */
	Ticket(long number, boolean[] shared, List<KeyLimit> limits, boolean held, long begun) {
		this.number = number;
		this.shared = shared;
		this.limits = limits;
		this.held = held;
		this.begun = begun;
	}

	long number() {
		return this.number;
	}

	boolean wasShared(int index) {
		return this.shared[index];
	}

	List<KeyLimit> limits() {
		return this.limits;
	}

	boolean isHeld() {
		return this.held;
	}

	long begun() {
		return this.begun;
	}

	/**
	 * Whether some limit counts the attempt.
	 * @return {@code false} if nothing that the call has to do with is in conflict
	 */
	public boolean isLimited() {
		return !this.limits.isEmpty();
	}

}
