package io.github.crdbspring.test;

import java.util.List;

/**
 * What happened twice when a transaction was run again.
 *
 * @since 0.1.0
 * @see RetrySafety
 */
public final class RetrySafetyReport {

	private final List<RetrySafetyFinding> findings;

	RetrySafetyReport(List<RetrySafetyFinding> findings) {
		this.findings = List.copyOf(findings);
	}

	/**
	 * Whether nothing happened twice.
	 * @return {@code true} if there is no finding, except for those that are no faults by
	 * themselves
	 */
	public boolean isSafe() {
		return this.findings.stream().noneMatch((finding) -> finding.kind().isEffect());
	}

	/**
	 * Return everything that was found.
	 * @return the findings, in the order in which they came up
	 */
	public List<RetrySafetyFinding> findings() {
		return this.findings;
	}

	/**
	 * Return the report as a text.
	 * @return the report
	 */
	@Override
	public String toString() {
		if (this.findings.isEmpty()) {
			return "Safe to be run again: an attempt was rolled back, and left nothing behind.";
		}
		StringBuilder text = new StringBuilder();
		this.findings.stream().map(RetrySafetyFinding::transaction).distinct().forEach((transaction) -> {
			append(text, transaction, true, "is not safe to be run again. An attempt was rolled back at COMMIT, and "
					+ "this was not undone, so that it happened twice:");
			append(text, transaction, false,
					"differs from attempt to attempt, which is no fault unless something is made of it:");
		});
		if (!isSafe()) {
			text.append("Do what a rollback does not undo after the commit: behind the call, or in a "
					+ "@TransactionalEventListener; or write it to a table (an outbox) in the transaction.");
		}
		return text.toString().strip();
	}

	private void append(StringBuilder text, String transaction, boolean effects, String headline) {
		List<RetrySafetyFinding> found = this.findings.stream()
			.filter((finding) -> finding.transaction().equals(transaction) && finding.kind().isEffect() == effects)
			.toList();
		if (found.isEmpty()) {
			return;
		}
		text.append("Transaction '").append(transaction).append("' ").append(headline).append("\n\n");
		found.forEach((finding) -> text.append("  - ").append(finding).append('\n'));
		text.append('\n');
	}

}
