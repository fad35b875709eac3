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
		targets.limited("spread").forEach(targets::addSpread);
		targets.limited(Workload.ONE_ROW_HOT).forEach(targets::addOneRow);
		for (String load : List.of("zipf 1.0", "zipf 1.2")) {
			targets.limited(load).forEach((score) -> targets.addZipf(load, score));
		}
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

	private void addSpread(Score limited) {
		String prefix = "spread: " + limited.contender().key() + ": ";
		addThroughput(prefix, "spread", limited, (score) -> score.contender().role() != Contender.Role.LOCKING, 0.97);
		only(Workload.SPREAD_COLD, limited.contender()).ifPresent((cold) -> {
			addThroughput(prefix + "cold ", Workload.SPREAD_COLD, cold, Targets::isOff, 0.95);
			best(Workload.SPREAD_COLD, Targets::isOff)
				.ifPresent((off) -> add(Target.atMost(prefix + "cold p50 / that of " + off.contender().label(),
						cold.total().p50() / off.total().p50(), 1.3)));
		});
		only(Workload.SPREAD_HOT, limited.contender())
			.ifPresent((hot) -> addP99(prefix + "hot ", Workload.SPREAD_HOT, hot, 0.1));
	}

	private void addOneRow(Score hot) {
		String prefix = "one row: " + hot.contender().key() + ": ";
		addThroughput(prefix + "hot ", Workload.ONE_ROW_HOT, hot,
				(score) -> score.contender().role() == Contender.Role.NAME, 0.95);
		// What no way of dealing with conflicts can exceed, unless it holds up the others
		only(Workload.ONE_CALLER_OF_THE_ROW, hot.contender())
			.ifPresent((one) -> add(Target.atLeast(prefix + "hot throughput / that of one caller without conflicts",
					hot.total().throughput() / one.total().throughput(), 0.95)));
		only(Workload.ONE_ROW_COLD, hot.contender())
			.ifPresent((cold) -> addThroughput(prefix + "cold ", Workload.ONE_ROW_COLD, cold, Targets::isOff, 0.95));
	}

	private void addZipf(String load, Score limited) {
		String prefix = load + ": " + limited.contender().key() + ": ";
		addThroughput(prefix, load, limited, (score) -> score.contender().role() != Contender.Role.LOCKING, 1);
		addP99(prefix, load, limited, 0.5);
		add(Target.atMost(prefix + "failures", limited.total().failureCount(), 0));
	}

	private void addThroughput(String prefix, String load, Score limited, Predicate<Score> filter, double required) {
		best(load, filter)
			.ifPresent((best) -> add(Target.atLeast(prefix + "throughput / that of " + best.contender().label(),
					limited.total().throughput() / best.total().throughput(), required)));
	}

	private void addP99(String prefix, String load, Score limited, double required) {
		best(load, (score) -> score.contender().role() == Contender.Role.JITTERED)
			.ifPresent((jittered) -> add(Target.atMost(prefix + "p99 / that of " + jittered.contender().label(),
					limited.total().p99() / jittered.total().p99(), required)));
	}

	private static boolean isOff(Score score) {
		return score.contender().role() == Contender.Role.OFF;
	}

	private Optional<Score> only(String load, Contender contender) {
		return this.scores.of(load).stream().filter((score) -> score.contender().equals(contender)).findFirst();
	}

	private void addMixed(Score mixed) {
		addMixed(mixed, Workload.COLD_ALONE, "it alone");
		// What no way of dealing with conflicts can avoid
		addMixed(mixed, Workload.COLD_BESIDE_ONE_CALLER, "it beside one caller without conflicts");
	}

	private void addMixed(Score mixed, String load, String label) {
		only(load, mixed.contender()).ifPresent((other) -> add(
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
