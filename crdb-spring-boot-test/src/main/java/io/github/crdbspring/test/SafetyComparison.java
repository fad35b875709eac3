package io.github.crdbspring.test;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import io.github.crdbspring.test.DatabaseSnapshot.Change;
import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import io.github.crdbspring.test.SafetyCheck.Leftover;
import io.github.crdbspring.test.SafetyRun.Effect;
import org.jspecify.annotations.Nullable;

/**
 * Compares a run with failures and one without.
 *
 * @param with the run with failures
 * @param without the run without failures
 */
record SafetyComparison(SafetyRun with, SafetyRun without) {

	/**
	 * Say how often an effect happened.
	 * @param attempts how often it did in each attempt with failures
	 * @return a description, {@code null} if it did not happen again
	 */
	@Nullable String describe(Effect effect, Map<Integer, Integer> attempts) {
		int expected = this.without.count(effect);
		boolean again = attempts.size() > 1;
		if (!again && (attempts.containsKey(1) || this.with.count(effect) <= expected)) {
			return null;
		}
		StringBuilder text = new StringBuilder();
		attempts.forEach((number, count) -> text.append((text.length() == 0) ? "(in attempt " : ", again in attempt ")
			.append(number)
			.append((count > 1) ? ", " + times(count) : ""));
		return text.append("; without the failure ").append(times(expected)).append(")").toString();
	}

	private static String times(int count) {
		return switch (count) {
			case 0 -> "never";
			case 1 -> "once";
			case 2 -> "twice";
			default -> count + " times";
		};
	}

	/**
	 * Return what attempts have left behind and what makes a difference in the end, and
	 * where tables have changed in another way.
	 */
	List<RetrySafetyFinding> findings(Collection<Leftover> leftovers) {
		List<RetrySafetyFinding> findings = new ArrayList<>();
		Map<String, Change> changes = this.with.changes();
		Map<String, Change> expected = this.without.changes();
		Set<String> tables = new HashSet<>(changes.keySet());
		tables.addAll(expected.keySet());
		for (Leftover leftover : leftovers) {
			if (leftover.kind() == Kind.TABLE) {
				tables.remove(leftover.what());
			}
			String difference = (leftover.kind() == Kind.TABLE) ? compareTable(leftover.what())
					: compareMemory(leftover.what());
			if (difference != null) {
				findings.add(new RetrySafetyFinding(leftover.transaction(), leftover.kind(),
						leftover.what() + ": " + leftover.description() + difference));
			}
		}
		tables.stream().sorted().forEach((table) -> {
			Change change = changes.getOrDefault(table, Change.NONE);
			Change other = expected.getOrDefault(table, Change.NONE);
			if (!change.equals(other)) {
				findings.add(new RetrySafetyFinding(this.with.transactions(), Kind.TABLE,
						table + ": " + change + ", without the failure " + other));
			}
		});
		return findings;
	}

	/**
	 * A row that another transaction has written is no difference if the next attempt has
	 * written the same.
	 */
	private @Nullable String compareTable(String table) {
		if (!this.with.knowsTables()) {
			return "";
		}
		if (this.with.hasSame(table, this.without)) {
			return null;
		}
		return " (in the end " + this.with.changes().getOrDefault(table, Change.NONE) + ", without the failure "
				+ this.without.changes().getOrDefault(table, Change.NONE) + ")";
	}

	/**
	 * Memory is not put back before the run without failures. So it is the same if it has
	 * not changed, or has grown by as much.
	 */
	private @Nullable String compareMemory(String place) {
		if (Objects.equals(this.with.stateAfter(place), this.without.stateAfter(place))) {
			return null;
		}
		Double growth = this.with.growth(place);
		Double expected = this.without.growth(place);
		if (growth == null || expected == null) {
			return "";
		}
		return growth.equals(expected) ? null
				: " (in the end " + signed(growth) + ", without the failure " + signed(expected) + ")";
	}

	private static String signed(double growth) {
		String text = (growth == Math.rint(growth)) ? String.valueOf((long) growth) : String.valueOf(growth);
		return (growth > 0) ? "+" + text : text;
	}

}
