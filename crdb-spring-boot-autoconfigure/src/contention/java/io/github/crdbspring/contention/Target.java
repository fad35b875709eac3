package io.github.crdbspring.contention;

import java.util.Locale;

/**
 * What is demanded of the adaptive limit.
 *
 * @param text what it is about
 * @param measured the ratio or number that was measured
 * @param required what it has to be
 * @param atLeast whether that is the least, else the most
 */
record Target(String text, double measured, double required, boolean atLeast) {

	static Target atLeast(String text, double measured, double required) {
		return new Target(text, measured, required, true);
	}

	static Target atMost(String text, double measured, double required) {
		return new Target(text, measured, required, false);
	}

	/**
	 * Whether it is reached; what could not be measured is not.
	 */
	boolean isReached() {
		return this.atLeast ? (this.measured >= this.required) : (this.measured <= this.required);
	}

	String row() {
		return String.format(Locale.ROOT, "| %s | %.3f | %s %.3f | %s |", this.text, this.measured,
				this.atLeast ? "≥" : "≤", this.required, isReached() ? "reached" : "**missed**");
	}

}
