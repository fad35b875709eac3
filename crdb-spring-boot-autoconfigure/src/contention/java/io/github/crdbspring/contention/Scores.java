package io.github.crdbspring.contention;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All measurements so far.
 */
final class Scores {

	private final Map<String, Map<Contender, List<Measurement>>> measurements = new LinkedHashMap<>();

	private final List<String> violations = new ArrayList<>();

	void add(String load, Contender contender, Measurement measurement) {
		this.measurements.computeIfAbsent(load, (key) -> new LinkedHashMap<>())
			.computeIfAbsent(contender, (key) -> new ArrayList<>())
			.add(measurement);
	}

	void addViolation(String violation) {
		this.violations.add(violation);
	}

	Set<String> loads() {
		return this.measurements.keySet();
	}

	/**
	 * Return who ran a load.
	 */
	List<Score> of(String load) {
		List<Score> scores = new ArrayList<>();
		this.measurements.getOrDefault(load, Map.of())
			.forEach((contender, repetitions) -> scores.add(Score.of(contender, repetitions)));
		return scores;
	}

	/**
	 * Return the violations of invariants.
	 */
	List<String> violations() {
		return this.violations;
	}

}
