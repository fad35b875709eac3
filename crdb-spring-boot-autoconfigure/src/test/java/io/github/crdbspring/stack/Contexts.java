package io.github.crdbspring.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.test.TestDatabase;

import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * Starts applications for tests of libraries that keep tables of their own. Methods of
 * Spring's own {@code @Transactional} are retried in them.
 */
final class Contexts {

	private Contexts() {
	}

	/**
	 * Return the isolation level that applications have on the server unless they ask for
	 * another. The PostgreSQL of the tests is serializable, which not all libraries
	 * expect of it.
	 */
	static String usualIsolation(TestDatabase database) {
		return "crdb.session.default_transaction_isolation="
				+ (database.isCockroach() ? "serializable" : "read committed");
	}

	/**
	 * Create a library's tables with a script that it brings, but for a COMMIT outside of
	 * any transaction: CockroachDB takes that for an error.
	 */
	static void createTables(TestDatabase database, String script) throws IOException {
		String statements = new ClassPathResource(script).getContentAsString(StandardCharsets.UTF_8);
		ByteArrayResource resource = new ByteArrayResource(
				statements.replace("COMMIT;", "").getBytes(StandardCharsets.UTF_8));
		DatabasePopulatorUtils.execute(new ResourceDatabasePopulator(resource), database.pool(1));
	}

	static AnnotationConfigApplicationContext start(TestDatabase database, Class<?> configuration,
			String... properties) {
		return start(database.url(), configuration, properties);
	}

	static AnnotationConfigApplicationContext start(String url, Class<?> configuration, String... properties) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		List<String> all = new ArrayList<>(List.of("crdb.url=" + url, "crdb.transaction.max-attempts=5",
				"crdb.transaction.backoff.initial-interval=0", "crdb.transaction.retry-spring-transactional=true",
				"spring.datasource.hikari.maximum-pool-size=8", "spring.datasource.hikari.minimum-idle=0"));
		all.addAll(List.of(properties));
		TestPropertyValues.of(all).applyTo(context);
		context.register(AbstractStackTests.Spring.class, configuration);
		context.refresh();
		return context;
	}

}
