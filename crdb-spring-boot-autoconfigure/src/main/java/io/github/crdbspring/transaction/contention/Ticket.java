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
	static final Ticket OPEN = new Ticket(Evidence.Entry.NONE, List.of(), false, 0);

	private final Evidence.Entry entry;

	private final List<KeyLimit> limits;

	private final boolean held;

	private final long begun;

	/**
	 * Create a ticket.
	 * @param entry what is kept of the attempt as evidence
	 * @param limits the limits that count it
	 * @param held whether it has a place in them, else it is above them
	 * @param begun when it began
	 */
	Ticket(Evidence.Entry entry, List<KeyLimit> limits, boolean held, long begun) {
		this.entry = entry;
		this.limits = limits;
		this.held = held;
		this.begun = begun;
	}

	Evidence.Entry entry() {
		return this.entry;
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
