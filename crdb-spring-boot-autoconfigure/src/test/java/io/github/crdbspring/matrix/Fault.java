package io.github.crdbspring.matrix;

import java.util.List;

/**
 * A fault, and what follows from it.
 *
 * @param moment when it happens
 * @param name what happens
 * @param action makes it happen; in the first attempt only
 * @param told what the caller is told
 * @param rows how often the call is stored then
 * @param attempts the attempts that there are then
 * @param timed whether the call has a timeout, which passes at that moment
 */
record Fault(Moment moment, String name, Action action, Told told, int rows, List<Integer> attempts, boolean timed) {

	/**
	 * No fault.
	 */
	static Fault none() {
		return new Fault(Moment.LATER_STATEMENT, "nothing", (work) -> {
		}, Told.RESULT, 1, List.of(1), false);
	}

	@Override
	public String toString() {
		return this.name + " " + this.moment;
	}

	/**
	 * Makes a fault happen.
	 */
	interface Action {

		void run(Work work);

	}

}
