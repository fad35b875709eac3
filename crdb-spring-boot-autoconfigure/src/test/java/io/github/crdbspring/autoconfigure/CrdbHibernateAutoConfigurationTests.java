package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import org.hibernate.dialect.CockroachDialect;
import org.hibernate.dialect.Dialect;
import org.hibernate.dialect.H2Dialect;
import org.hibernate.dialect.PostgreSQLDialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbHibernateAutoConfiguration}, and for the dialect that is in
 * effect.
 */
@DatabaseTest
class CrdbHibernateAutoConfigurationTests {

	private static final String NOWHERE = "crdb.url=postgresql://localhost:1/bank?sslmode=disable";

	private static final String COCKROACH_DIALECT = "org.hibernate.dialect.CockroachDialect";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, CrdbHibernateAutoConfiguration.class,
						DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class))
		.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1",
				"spring.datasource.hikari.connection-timeout=2000")
		.withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Entity.class.getName()));

	@Test
	void theDialectIsThatOfTheServer(TestDatabase database) {
		this.runner.withPropertyValues("crdb.url=" + database.url())
			.run((context) -> assertThat(dialect(context))
				.isExactlyInstanceOf(database.isCockroach() ? CockroachDialect.class : PostgreSQLDialect.class));
	}

	@Test
	void itCostsOneStatement(TestDatabase database) throws Exception {
		try (WireProxy proxy = database.proxy()) {
			this.runner.withPropertyValues("crdb.url=" + database.url(proxy)).run((context) -> {
				assertThat(context).hasSingleBean(HibernateConnectionPostProcessor.class).hasNotFailed();
				assertThat(proxy.statements()).filteredOn((sql) -> sql.contains("'default_transaction_isolation'"))
					.as("ours and Hibernate's")
					.hasSize(2);
			});
		}
	}

	@Test
	void settingsOfTheUsersStayTheirs(TestDatabase database) {
		this.runner
			.withPropertyValues("crdb.url=" + database.url(), "spring.jpa.hibernate.ddl-auto=create-drop",
					"spring.jpa.properties.jakarta.persistence.lock.timeout=17",
					"spring.jpa.database-platform=org.hibernate.dialect.PostgreSQLDialect")
			.run((context) -> {
				assertThat(dialect(context)).isExactlyInstanceOf(PostgreSQLDialect.class);
				assertThat(context.getBean(EntityManagerFactory.class).getProperties())
					.containsEntry("hibernate.hbm2ddl.auto", "create-drop")
					.containsEntry("jakarta.persistence.lock.timeout", "17");
				assertThat(database.jdbc().sql("SELECT count(*) FROM entity").query(Integer.class).single()).isZero();
			});
	}

	@Test
	void byDefaultNoSchemaIsMade(TestDatabase database) {
		this.runner.withPropertyValues("crdb.url=" + database.url())
			.run((context) -> assertThat(context.getBean(EntityManagerFactory.class).getProperties())
				.doesNotContainKey("hibernate.hbm2ddl.auto"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.jpa.database-platform=" + COCKROACH_DIALECT,
			"spring.jpa.properties.hibernate.dialect=" + COCKROACH_DIALECT,
			"spring.jpa.properties.jakarta.persistence.database-product-name=PostgreSQL" })
	void anApplicationThatNamesItsDialectStartsWithoutAServer(String property) {
		this.runner
			.withPropertyValues(NOWHERE, property,
					"spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false")
			.run((context) -> assertThat(dialect(context)).isInstanceOfAny(CockroachDialect.class,
					PostgreSQLDialect.class));
	}

	@Test
	void withoutADialectTheFailureToConnectIsTheCause() {
		this.runner.withPropertyValues(NOWHERE)
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("localhost:1 refused"));
	}

	@Test
	void switchedOffNothingIsThere() {
		this.runner.withPropertyValues(NOWHERE, "crdb.enabled=false", "spring.datasource.url=jdbc:h2:mem:off")
			.run((context) -> assertThat(context).doesNotHaveBean(HibernateConnectionPostProcessor.class)
				.hasNotFailed());
	}

	@Test
	void withoutHibernateNothingIsThere() {
		this.runner.withPropertyValues(NOWHERE)
			.withClassLoader(new FilteredClassLoader("org.hibernate"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(HibernateConnectionPostProcessor.class)
				.doesNotHaveBean(EntityManagerFactory.class));
	}

	@Test
	void withoutJpaNothingIsThere() {
		this.runner.withPropertyValues(NOWHERE)
			.withClassLoader(new FilteredClassLoader("jakarta.persistence", "org.springframework.orm"))
			.run((context) -> assertThat(context).doesNotHaveBean(HibernateConnectionPostProcessor.class));
	}

	@Test
	void anotherProductIsLeftAsItIs() {
		this.runner.withPropertyValues("spring.datasource.url=jdbc:h2:mem:other")
			.run((context) -> assertThat(dialect(context)).isInstanceOf(H2Dialect.class));
	}

	private static Dialect dialect(ApplicationContext context) {
		return context.getBean(EntityManagerFactory.class)
			.unwrap(SessionFactoryImplementor.class)
			.getJdbcServices()
			.getDialect();
	}

	/**
	 * An entity.
	 */
	@jakarta.persistence.Entity(name = "entity")
	static class Entity {

		@Id
		private long id;

	}

}
