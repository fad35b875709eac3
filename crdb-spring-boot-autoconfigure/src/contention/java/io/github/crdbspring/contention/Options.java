package io.github.crdbspring.contention;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param url the server's URL, {@code null} to choose one as tests do
 * @param workloads what to measure
 * @param contenders the keys of those that take part, empty for all
 * @param variants further contenders with the limit: names, and properties
 * @param repetitions how often each contender is measured
 * @param warmUp how long a run is not measured
 * @param duration how long it is
 * @param threads the number of callers
 * @param poolSize the number of connections
 * @param instances among how many contexts callers and connections are divided
 */
record Options(@Nullable String url, List<Workload> workloads, List<String> contenders,
		Map<String, Map<String, String>> variants, int repetitions, Duration warmUp, Duration duration, int threads,
		int poolSize, int instances) {

	static final String USAGE = """
			--url postgresql://…         the server; by default as for tests
			--workloads hot,warm,…       of hot, warm, cold, skew, mixed, spread, one-row, zipf; all by default
			--contenders jittered,…      of immediate, jittered, for-update, spring-retry, framework, crdb, name,
			                             limited, and names of variants; all by default
			--variant name,key=value,…   one more contender with the limit, and with these properties; repeatable
			--repetitions 3  --seconds 10  --warm-up 3  --threads 16  --pool 16
			--instances 1                contexts that know nothing of each other, among which callers and
			                             connections are divided
			""";

	static Options parse(String... args) {
		Map<String, String> values = new LinkedHashMap<>(
				Map.of("workloads", "hot,warm,cold,skew,mixed,spread,one-row,zipf", "contenders", "", "repetitions",
						"3", "seconds", "10", "warm-up", "3", "threads", "16", "instances", "1"));
		Map<String, Map<String, String>> variants = new LinkedHashMap<>();
		for (int i = 0; i < args.length; i += 2) {
			String name = args[i].replaceFirst("^--", "");
			if (i + 1 == args.length || name.equals(args[i])) {
				throw new IllegalArgumentException("Option without a value, or value without an option: " + args[i]);
			}
			if (name.equals("variant")) {
				List<String> parts = split(args[i + 1]);
				variants.put(parts.get(0), properties(parts.subList(1, parts.size())));
			}
			else if (values.containsKey(name) || name.equals("url") || name.equals("pool")) {
				values.put(name, args[i + 1]);
			}
			else {
				throw new IllegalArgumentException("Unknown option " + args[i]);
			}
		}
		return of(values, variants);
	}

	private static Options of(Map<String, String> values, Map<String, Map<String, String>> variants) {
		int threads = positive(values, "threads");
		values.putIfAbsent("pool", values.get("threads"));
		return new Options(values.get("url"),
				split(values.get("workloads")).stream()
					.map((workload) -> Workload.valueOf(workload.toUpperCase(Locale.ROOT).replace('-', '_')))
					.toList(),
				split(values.get("contenders")), variants, positive(values, "repetitions"),
				Duration.ofSeconds(positive(values, "warm-up")), Duration.ofSeconds(positive(values, "seconds")),
				threads, positive(values, "pool"), positive(values, "instances"));
	}

	private static int positive(Map<String, String> values, String name) {
		int value = Integer.parseInt(values.get(name));
		if (value < 1) {
			throw new IllegalArgumentException("--" + name + " must be at least 1");
		}
		return value;
	}

	private static List<String> split(String value) {
		return Arrays.stream(value.split(",")).map(String::strip).filter((part) -> !part.isEmpty()).toList();
	}

	private static Map<String, String> properties(List<String> assignments) {
		Map<String, String> properties = new LinkedHashMap<>();
		for (String assignment : assignments) {
			int separator = assignment.indexOf('=');
			if (separator < 0) {
				throw new IllegalArgumentException("Not of the form key=value: " + assignment);
			}
			properties.put(assignment.substring(0, separator), assignment.substring(separator + 1));
		}
		return properties;
	}

}
