package io.github.crdbspring.contention;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.crdbspring.test.BenchmarkDatabase;
import io.github.crdbspring.url.CrdbUrl;

/**
 * Measures how contenders fare when transactions conflict.
 */
public final class ContentionBenchmark {

	private final Options options;

	private final List<Contender> contenders;

	private final Scores scores = new Scores();

	private final Path file = Path.of("target",
			"contention-" + LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")) + ".md");

	private ContentionBenchmark(Options options) {
		this.options = options;
		this.contenders = Contenders.of(options);
	}

	/**
	 * Run the benchmark.
	 * @param args see {@link Options}
	 * @throws Exception if something other than a transaction failed
	 */
	public static void main(String[] args) throws Exception {
		// Nothing but the report is to go there
		PrintStream out = System.out;
		System.setOut(System.err);
		ContentionBenchmark benchmark;
		try {
			benchmark = new ContentionBenchmark(Options.parse(args));
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage() + "\n\n" + Options.USAGE);
			System.exit(2);
			return;
		}
		out.println(benchmark.run());
		System.exit(benchmark.scores.violations().isEmpty() ? 0 : 1);
	}

	private String run() throws Exception {
		String report = "";
		try (BenchmarkDatabase server = BenchmarkDatabase.open(this.options.url())) {
			Report reporter = new Report(this.options, server.database().serverInfo().description());
			Runner runner = new Runner(this.options, CrdbUrl.parse(server.database().url()), this.scores);
			runner.createTables();
			for (Workload workload : this.options.workloads()) {
				run(workload, runner);
				// After each workload, so that little is lost when the next one breaks
				// down
				report = reporter.write(this.scores);
				Files.createDirectories(this.file.toAbsolutePath().getParent());
				Files.writeString(this.file, report);
			}
		}
		System.err.println("The report is also in " + this.file);
		return report;
	}

	/**
	 * Run all contenders in each repetition, each time another one first, so that what
	 * changes over time happens to all of them alike.
	 */
	private void run(Workload workload, Runner runner) throws Exception {
		for (int repetition = 0; repetition < this.options.repetitions(); repetition++) {
			System.err
				.println(workload.label() + ", repetition " + (repetition + 1) + " of " + this.options.repetitions());
			List<Contender> order = new ArrayList<>(this.contenders);
			Collections.rotate(order, -repetition);
			for (Contender contender : order) {
				for (List<Load> loads : workload.scenarios(this.options.threads())) {
					runner.run(contender, loads);
				}
			}
		}
	}

}
