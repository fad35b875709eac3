package io.github.crdbspring.contention;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;

/**
 * Writes scores as Markdown.
 */
final class Report {

	private final Options options;

	private final String server;

	Report(Options options, String server) {
		this.options = options;
		this.server = server;
	}

	String write(Scores scores) {
		List<String> lines = new ArrayList<>();
		lines.add(introduction());
		for (String load : scores.loads()) {
			lines.add("");
			lines.add("### " + load);
			lines.add("");
			addTable(lines, scores.of(load));
		}
		lines.add("");
		lines.add("### Invariants");
		lines.add("");
		if (scores.violations().isEmpty()) {
			lines.add("All held after every run.");
		}
		scores.violations().forEach((violation) -> lines.add("- **violated**: " + violation));
		List<Target> targets = Targets.evaluate(scores);
		if (!targets.isEmpty()) {
			lines.add("");
			lines.add("### Targets");
			lines.add("");
			lines.add("| target | measured | required | |");
			lines.add("|---|---|---|---|");
			targets.forEach((target) -> lines.add(target.row()));
		}
		return String.join("\n", lines) + "\n";
	}

	private String introduction() {
		return format(
				"%s, %s, Java %s, %d processors; %d threads and %d connections in %d instances, %d repetitions of %d s "
						+ "after %d s of warm-up each.",
				LocalDate.now(), this.server, System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors(), this.options.threads(), this.options.poolSize(),
				this.options.instances(), this.options.repetitions(), this.options.duration().toSeconds(),
				this.options.warmUp().toSeconds());
	}

	private static void addTable(List<String> lines, List<Score> scores) {
		lines.add("| contender | committed/s (min–max) | retries per commit | p50 ms | p99 ms | max ms | max/p50 "
				+ "| failures |");
		lines.add("|---|--:|--:|--:|--:|--:|--:|--:|");
		scores.forEach((score) -> lines.add(row(score)));
	}

	private static String row(Score score) {
		Measurement total = score.total();
		DoubleSummaryStatistics throughputs = score.throughputs();
		return format("| %s | %.1f (%.1f–%.1f) | %.2f | %.1f | %.1f | %.1f | %.1f | %s |", score.contender().label(),
				total.throughput(), throughputs.getMin(), throughputs.getMax(), total.retriesPerCommit(), total.p50(),
				total.p99(), total.max(), total.max() / total.p50(), failures(total));
	}

	private static String failures(Measurement total) {
		if (total.failures().isEmpty()) {
			return "0";
		}
		List<String> failures = new ArrayList<>();
		total.failures().forEach((type, count) -> failures.add(count + " " + type));
		return String.join(", ", failures);
	}

	private static String format(String format, Object... args) {
		return String.format(Locale.ROOT, format, args);
	}

}
