package io.github.crdbspring.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

import io.github.crdbspring.chaos.Call.Answer;

/**
 * Compares what callers were told with what the database has.
 */
final class Comparison {

	private final List<Call> calls;

	private final Map<UUID, Integer> rows;

	/**
	 * Create a comparison.
	 * @param calls all calls that were made
	 * @param rows how often their transfers are in the database
	 */
	Comparison(List<Call> calls, Map<UUID, Integer> rows) {
		this.calls = calls;
		this.rows = rows;
	}

	/**
	 * Return those that were told to be committed, and are not there.
	 */
	List<Call> lost() {
		return calls((call) -> call.answer() == Answer.COMMITTED && rows(call) == 0);
	}

	/**
	 * Return those that are there more than once.
	 */
	List<Call> doubled() {
		return calls((call) -> rows(call) > 1);
	}

	/**
	 * Return those that were told not to be committed, and are there.
	 */
	List<Call> wrong() {
		return calls((call) -> call.answer() == Answer.NOT_COMMITTED && rows(call) > 0);
	}

	/**
	 * Return those that are told nothing to this day.
	 */
	List<Call> hanging() {
		return told(Answer.NONE);
	}

	List<Call> told(Answer answer) {
		return calls((call) -> call.answer() == answer);
	}

	List<Call> committed(List<Call> calls) {
		return calls.stream().filter((call) -> rows(call) > 0).toList();
	}

	/**
	 * Return the longest time in which no call was committed, of whatever caller. If that
	 * is longer than outcomes are looked for, nobody could have found one out.
	 */
	Duration longestStandstill() {
		long[] commits = told(Answer.COMMITTED).stream().mapToLong(Call::answered).sorted().toArray();
		long longest = 0;
		for (int i = 1; i < commits.length; i++) {
			longest = Math.max(longest, commits[i] - commits[i - 1]);
		}
		return Duration.ofNanos(longest);
	}

	int rows(Call call) {
		return this.rows.getOrDefault(call.transfer().token(), 0);
	}

	private List<Call> calls(Predicate<Call> condition) {
		return this.calls.stream().filter(condition).toList();
	}

}
