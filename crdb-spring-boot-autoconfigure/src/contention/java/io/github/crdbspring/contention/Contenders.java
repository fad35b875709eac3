package io.github.crdbspring.contention;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Those that take part.
 */
final class Contenders {

	private static final String LIMIT = "crdb.transaction.contention.enabled";

	private Contenders() {
	}

	/**
	 * Return those that the options name.
	 */
	static List<Contender> of(Options options) {
		List<Contender> contenders = all();
		options.variants().forEach((name, properties) -> contenders.add(limited(name, properties)));
		if (options.contenders().isEmpty()) {
			return contenders;
		}
		options.contenders().forEach((key) -> {
			if (contenders.stream().noneMatch((contender) -> contender.key().equals(key))) {
				throw new IllegalArgumentException(
						"No contender '" + key + "', only " + contenders.stream().map(Contender::key).toList());
			}
		});
		return contenders.stream().filter((contender) -> options.contenders().contains(contender.key())).toList();
	}

	private static List<Contender> all() {
		return new ArrayList<>(List.of(
				new Contender("immediate", "JDBC, immediate retry", Contender.Role.OTHER,
						JdbcConfigurations.Immediate.class, Map.of()),
				new Contender("jittered", "JDBC, jittered backoff", Contender.Role.JITTERED,
						JdbcConfigurations.Jittered.class, Map.of()),
				new Contender("for-update", "JDBC, `FOR UPDATE`", Contender.Role.LOCKING,
						JdbcConfigurations.Locking.class, Map.of()),
				new Contender("spring-retry", "spring-retry `@Retryable`", Contender.Role.OTHER,
						SpringRetryConfiguration.class, Map.of()),
				new Contender("framework", "Spring Framework `@Retryable`", Contender.Role.OTHER,
						FrameworkRetryConfiguration.class, Map.of()),
				new Contender("crdb", "`@CrdbTransactional`, no limit", Contender.Role.OFF, CrdbConfiguration.class,
						Map.of(LIMIT, "false")),
				new Contender("name", "`@CrdbTransactional`, one limit per name", Contender.Role.NAME,
						CrdbConfiguration.class, Map.of(LIMIT, "true", "crdb.transaction.contention.keys", "none")),
				limited("", Map.of())));
	}

	private static Contender limited(String name, Map<String, String> properties) {
		Map<String, String> all = new LinkedHashMap<>(properties);
		all.put(LIMIT, "true");
		return new Contender(name.isEmpty() ? "limited" : name,
				"`@CrdbTransactional`, limit" + (name.isEmpty() ? "" : " (" + name + ")"), Contender.Role.LIMITED,
				CrdbConfiguration.class, all);
	}

}
