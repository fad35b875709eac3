package io.github.crdbspring.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

import io.github.crdbspring.chaos.Call.Answer;
import io.github.crdbspring.transaction.OutcomePolicy;

/**
 * What came out of a run, as a table.
 */
final class Report {

	private final StringBuilder text = new StringBuilder();

	private final Comparison comparison;

	private boolean clean = true;

	/**
	 * Create a report.
	 * @param title what was run
	 * @param faults the faults that were made
	 * @param comparison what callers were told, and what the database has
	 * @param wrongBalances balances that contradict the history
	 * @param leaked how many connections did not come back, by application
	 * @param policy what happened to unknown outcomes: they are a defect where they were
	 * to be found out
	 */
	Report(String title, FaultTally faults, Comparison comparison, List<String> wrongBalances,
			Map<String, Integer> leaked, OutcomePolicy policy) {
		this.comparison = comparison;
		this.text.append(title).append("\n\n| | number | |\n|---|--:|---|\n");
		row("faults", faults.total(), "");
		faults.byKind().forEach((kind, count) -> row("- " + kind, count, ""));
		calls(policy);
		defects("lost", comparison.lost());
		defects("doubled", comparison.doubled());
		defects("wrong", comparison.wrong());
		defects("never returned", comparison.hanging());
		defect("balances wrong", wrongBalances.size(), String.join("; ", wrongBalances));
		defect("connections leaked", leaked.values().stream().mapToInt(Integer::intValue).sum(),
				String.join("; ", leaked.keySet()));
		details();
		examples(comparison.told(Answer.NOT_COMMITTED));
		faults.failures()
			.forEach((failure, count) -> this.text.append("\nCould not be made ")
				.append(count)
				.append(" times: ")
				.append(failure));
	}

	/**
	 * Whether nothing was lost, doubled, wrong or leaked.
	 */
	boolean isClean() {
		return this.clean;
	}

	@Override
	public String toString() {
		return this.text.toString();
	}

	private void calls(OutcomePolicy policy) {
		List<Call> committed = this.comparison.told(Answer.COMMITTED);
		List<Call> refused = this.comparison.told(Answer.NOT_COMMITTED);
		List<Call> unknown = this.comparison.told(Answer.UNKNOWN);
		row("calls told to be committed", committed.size(),
				committed.stream().filter((call) -> !call.failures().isEmpty()).count() + " after a failure");
		row("seconds without any commit at most", (int) this.comparison.longestStandstill().toSeconds(), "");
		row("calls certainly not committed", refused.size(), exceptions(refused));
		String remark = this.comparison.committed(unknown).size() + " were committed";
		if (policy == OutcomePolicy.RESOLVE) {
			defect("unknown outcomes", unknown.size(), remark);
		}
		else {
			row("calls with an unknown outcome", unknown.size(), remark);
		}
	}

	private static String exceptions(List<Call> calls) {
		Map<String, Integer> counts = new TreeMap<>();
		calls.forEach((call) -> counts.merge(call.exception(), 1, Integer::sum));
		StringJoiner exceptions = new StringJoiner(", ");
		counts.forEach((exception, count) -> exceptions.add(count + " " + exception));
		return exceptions.toString();
	}

	private void defects(String name, List<Call> calls) {
		defect(name, calls.size(), "");
	}

	private void defect(String name, int count, String remark) {
		this.clean &= count == 0;
		row("**" + name + "**", count, remark);
	}

	private void row(String name, int number, String remark) {
		this.text.append("| ").append(name).append(" | ").append(number).append(" | ").append(remark).append(" |\n");
	}

	private void examples(List<Call> calls) {
		Map<String, Call> examples = new TreeMap<>();
		calls.forEach((call) -> examples.putIfAbsent(call.exception(), call));
		examples.forEach((exception, call) -> describe("\nAn example of " + exception, call));
	}

	private void details() {
		List<Call> calls = new ArrayList<>(this.comparison.lost());
		calls.addAll(this.comparison.doubled());
		calls.addAll(this.comparison.wrong());
		calls.addAll(this.comparison.hanging());
		calls.stream().distinct().forEach((call) -> describe("\n" + call.transfer().token(), call));
	}

	private void describe(String title, Call call) {
		this.text.append(title)
			.append(" (")
			.append(call.teller())
			.append("): told ")
			.append(call.answer())
			.append(", ")
			.append(this.comparison.rows(call))
			.append(" times in the database\n");
		call.failures().forEach((failure) -> this.text.append("  - ").append(failure).append("\n"));
	}

}
