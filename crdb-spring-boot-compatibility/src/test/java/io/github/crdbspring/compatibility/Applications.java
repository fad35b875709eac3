package io.github.crdbspring.compatibility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbVersion;
import io.github.crdbspring.test.CrdbTestAutoConfiguration;
import io.github.crdbspring.test.TestDatabase;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/**
 * Applications of plain JDBC, to which tests add what they are about.
 */
final class Applications {

	private Applications() {
	}

	static ApplicationContextRunner create(TestDatabase database, Class<?>... more) {
		List<Class<?>> all = new ArrayList<>(List.of(more));
		all.addAll(List.of(AopAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
				JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class));
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(all.toArray(Class<?>[]::new)))
			.withPropertyValues("crdb.url=" + database.url(), "crdb.transaction.backoff.initial-interval=0",
					"crdb.transaction.max-attempts=3", "spring.datasource.hikari.maximum-pool-size=4",
					"spring.datasource.hikari.minimum-idle=0");
	}

	/**
	 * The same, with the test kit: transactions fail where {@code @InjectRetries} says
	 * so. Spring's own {@code @Transactional} is retried, too, and
	 * {@link TransactionalWork} is a bean.
	 */
	static ApplicationContextRunner withTestKit(TestDatabase database, Class<?>... more) {
		return create(database, more).withConfiguration(AutoConfigurations.of(CrdbTestAutoConfiguration.class))
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true",
					"spring.datasource.hikari.maximum-pool-size=8")
			.withBean(TransactionalWork.class);
	}

	/**
	 * The same, with JPA and tables for entities of a test class.
	 */
	static ApplicationContextRunner withJpa(TestDatabase database, Class<?>... entities) {
		return withTestKit(database, HibernateJpaAutoConfiguration.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=create-drop")
			.withBean(PersistenceManagedTypes.class,
					() -> PersistenceManagedTypes.of(Stream.of(entities).map(Class::getName).toArray(String[]::new)));
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

	static boolean hasSkipLocked(TestDatabase database) {
		CrdbVersion version = database.serverInfo().version();
		return !database.isCockroach() || (version != null && version.toInt() >= 220200);
	}

	/**
	 * Make a library's tables as its own script does, where they are not there yet.
	 * @param table one of them
	 * @param script a location on the class path
	 * @param replacements what is to be replaced in the script, and by what
	 */
	static void createTables(TestDatabase database, String table, String script, String... replacements) {
		try {
			String statements = new ClassPathResource(script).getContentAsString(StandardCharsets.UTF_8);
			for (int i = 0; i < replacements.length; i += 2) {
				statements = statements.replace(replacements[i], replacements[i + 1]);
			}
			createTables(database, table, new ByteArrayResource(statements.getBytes(StandardCharsets.UTF_8)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static void createTables(TestDatabase database, String table, Resource script) {
		int there = database.jdbc()
			.sql("SELECT count(*) FROM information_schema.tables WHERE table_name = ?")
			.param(table)
			.query(Integer.class)
			.single();
		if (there == 0) {
			DatabasePopulatorUtils.execute(new ResourceDatabasePopulator(script), database.pool(1));
		}
	}

	/**
	 * Whether the proxies are subclasses, and whether AspectJ makes them.
	 */
	enum Proxies {

		SUBCLASSES(true, true), INTERFACES(false, true), SUBCLASSES_WITHOUT_ASPECTJ(true, false),
		INTERFACES_WITHOUT_ASPECTJ(false, false);

		private final boolean subclasses;

		private final boolean aspects;

		Proxies(boolean subclasses, boolean aspects) {
			this.subclasses = subclasses;
			this.aspects = aspects;
		}

		ApplicationContextRunner apply(ApplicationContextRunner runner) {
			return runner.withPropertyValues("spring.aop.proxy-target-class=" + this.subclasses,
					"spring.aop.auto=" + this.aspects);
		}

	}

}
