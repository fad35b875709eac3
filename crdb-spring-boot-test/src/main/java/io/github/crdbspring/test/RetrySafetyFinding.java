package io.github.crdbspring.test;

/**
 * One thing that a rollback did not undo.
 *
 * @param transaction the name of the transaction
 * @param kind what it is
 * @param description what was found
 * @since 0.1.0
 */
public record RetrySafetyFinding(String transaction, Kind kind, String description) {

	@Override
	public String toString() {
		return this.kind.label + " " + this.description;
	}

	/**
	 * What a finding is about.
	 */
	public enum Kind {

		/**
		 * A bean that reaches out was called.
		 */
		CALL("called", true),

		/**
		 * A request was sent over HTTP.
		 */
		REQUEST("requested", true),

		/**
		 * An event was published.
		 */
		EVENT("published", true),

		/**
		 * Something in memory has changed.
		 */
		MEMORY("in memory", true),

		/**
		 * Rows have changed.
		 */
		TABLE("in the database", true),

		/**
		 * A clock was read.
		 */
		CLOCK("clock", false),

		/**
		 * A sequence has moved on.
		 */
		SEQUENCE("sequence", false),

		/**
		 * A statement was sent with other values.
		 */
		STATEMENT("statement", false);

		private final String label;

		private final boolean effect;

		Kind(String label, boolean effect) {
			this.label = label;
			this.effect = effect;
		}

		/**
		 * Whether code with such a finding is not safe to be run again.
		 * @return {@code false} if it is no fault by itself
		 */
		public boolean isEffect() {
			return this.effect;
		}

	}

}
