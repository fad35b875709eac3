package io.github.crdbspring.contention;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Compares the contenders with the adaptive limit to the others within one benchmark.
 */
final class Targets {

	private static final double NOISE = 1.1;

	private final Scores scores;

	private final List<Target> targets = new ArrayList<>();

	private Targets(Scores scores) {
		this.scores = scores;
	}

	/**
	 * Return the targets for which everything was measured.
	 */
	static List<Target> evaluate(Scores scores) {
		Targets targets = new Targets(scores);
		targets.limited("hot").forEach(targets::addHot);
		for (String load : List.of("warm", "cold", "skew")) {
			targets.limited(load).forEach((score) -> targets.addOther(load, score));
		}
		targets.limited(Workload.MIXED_COLD).forEach(targets::addMixed);
		return targets.targets;
	}

	private void addHot(Score limited) {
		String prefix = "hot: " + limited.contender().key() + ": ";
		Measurement total = limited.total();
		best("hot", (score) -> score.contender().role() != Contender.Role.LOCKING)
			.ifPresent((best) -> add(Target.atLeast(prefix + "throughput / that of " + best.contender().label(),
					total.throughput() / best.total().throughput(), 1 / NOISE)));
		best("hot", (score) -> score.contender().role() == Contender.Role.JITTERED)
			.ifPresent((jittered) -> add(Target.atMost(prefix + "p99 / that of " + jittered.contender().label(),
					total.p99() / jittered.total().p99(), 0.1)));
		add(Target.atMost(prefix + "failures", total.failureCount(), 0));
		add(Target.atMost(prefix + "longest wait / median", total.max() / total.p50(), 10));
	}

	private void addOther(String load, Score limited) {
		String prefix = load + ": " + limited.contender().key() + ": ";
		best(load, (score) -> true).ifPresent((best) -> {
			add(Target.atLeast(prefix + "throughput / that of " + best.contender().label(),
					limited.total().throughput() / best.total().throughput(), 0.95));
			// Noise is what the other one's repetitions differ by, or a tenth
			double noise = Math.max(NOISE, best.highestP99() / best.total().p99());
			add(Target.atMost(prefix + "p99 / that of " + best.contender().label(),
					limited.total().p99() / best.total().p99(), noise));
		});
	}

	private void addMixed(Score mixed) {
		addMixed(mixed, Workload.COLD_ALONE, "it alone");
		// What no way of dealing with conflicts can avoid
		addMixed(mixed, Workload.COLD_BESIDE_ONE_CALLER, "it beside one caller without conflicts");
	}

	private void addMixed(Score mixed, String load, String label) {
		this.scores.of(load)
			.stream()
			.filter((other) -> other.contender().equals(mixed.contender()))
			.findFirst()
			.ifPresent((other) -> add(
					Target.atMost("mixed: " + mixed.contender().key() + ": p99 of the cold name / that of " + label,
							mixed.total().p99() / other.total().p99(), 1.2)));
	}

	private void add(Target target) {
		this.targets.add(target);
	}

	private List<Score> limited(String load) {
		return this.scores.of(load)
			.stream()
			.filter((score) -> score.contender().role() == Contender.Role.LIMITED)
			.toList();
	}

	/**
	 * Return the one of those without the limit that has the highest throughput.
	 */
	private Optional<Score> best(String load, Predicate<Score> filter) {
		return this.scores.of(load)
			.stream()
			.filter((score) -> score.contender().role() != Contender.Role.LIMITED)
			.filter(filter)
			.max(Comparator.comparingDouble((score) -> score.total().throughput()));
	}

}
