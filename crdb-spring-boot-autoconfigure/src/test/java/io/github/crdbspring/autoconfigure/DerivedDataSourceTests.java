package io.github.crdbspring.autoconfigure;

import java.sql.Connection;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.url.CrdbUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for what Spring Boot derives from a {@link CrdbDataSource}: a DataSource with
 * another user, for migrations.
 */
@DatabaseTest
class DerivedDataSourceTests {

	@Test
	void aDataSourceWithAnotherUserIsDerived() {
		assumeThat(bootLooksIntoWrappers()).isTrue();
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl("jdbc:postgresql://localhost:1/bank");
		pool.setUsername("app");
		pool.setPassword("secret");
		SimpleDriverDataSource derived = DataSourceBuilder.derivedFrom(new CrdbDataSource(pool))
			.type(SimpleDriverDataSource.class)
			.username("migrator")
			.password("other")
			.build();
		assertThat(derived.getUrl()).isEqualTo("jdbc:postgresql://localhost:1/bank");
		assertThat(derived.getUsername()).isEqualTo("migrator");
		assertThat(derived.getPassword()).isEqualTo("other");
	}

	@Test
	void aPoolOfTheSameTypeIsDerived() {
		assumeThat(bootLooksIntoWrappers()).isTrue();
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl("jdbc:postgresql://localhost:1/bank");
		pool.setUsername("app");
		DataSource derived = DataSourceBuilder.derivedFrom(new CrdbDataSource(pool)).build();
		assertThat(derived).isInstanceOfSatisfying(HikariDataSource.class,
				(hikari) -> assertThat(hikari.getUsername()).isEqualTo("app"));
	}

	@Test
	void itUnwrapsToThePool() throws Exception {
		HikariDataSource pool = new HikariDataSource();
		CrdbDataSource dataSource = new CrdbDataSource(pool);
		assertThat(dataSource.unwrap(CrdbDataSource.class)).isSameAs(dataSource);
		assertThat(dataSource.unwrap(HikariDataSource.class)).isSameAs(pool);
	}

	/**
	 * Which is how Spring Boot 4.0 looks for what to derive from, and how libraries look
	 * for what is behind a wrapper.
	 */
	@Test
	void unwrappedToAPlainDataSourceItsConnectionsAreGuarded(TestDatabase database) throws Exception {
		DataSource plain = new CrdbDataSource(database.pool(1)).unwrap(DataSource.class);
		try (Connection connection = plain.getConnection()) {
			assertThat(connection.isWrapperFor(GuardedConnection.class)).isTrue();
		}
	}

	@Test
	void unwrappedToAPlainDataSourceItTakesPartInTransactions(TestDatabase database) throws Exception {
		HikariDataSource pool = database.pool(1);
		pool.setConnectionTimeout(1_000);
		CrdbDataSource dataSource = new CrdbDataSource(pool);
		JdbcClient jdbc = JdbcClient.create(dataSource.unwrap(DataSource.class));
		jdbc.sql("CREATE TABLE part (id INT PRIMARY KEY)").update();
		new TransactionTemplate(new JdbcTransactionManager(dataSource)).executeWithoutResult((status) -> {
			jdbc.sql("INSERT INTO part VALUES (1)").update();
			status.setRollbackOnly();
		});
		assertThat(jdbc.sql("SELECT count(*) FROM part").query(Integer.class).single()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "migrated, spring.flyway.user, spring.flyway.password",
			"scripted, spring.sql.init.username, spring.sql.init.password" })
	void aMigrationHasItsOwnUser(String table, String user, String password, TestDatabase database) {
		assumeThat(bootLooksIntoWrappers()).isTrue();
		CrdbUrl url = CrdbUrl.parse(database.url());
		boolean flyway = user.contains("flyway");
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceInitializationAutoConfiguration.class, FlywayAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), user + "=" + url.username(),
					// A server that asks for no password takes any
					password + "=" + ((url.password() != null) ? url.password() : "any"),
					"spring.flyway.enabled=" + flyway, "spring.flyway.locations=classpath:migration",
					"spring.flyway.baseline-on-migrate=true", "spring.flyway.baseline-version=0",
					"spring.sql.init.mode=" + (flyway ? "never" : "always"),
					"spring.sql.init.schema-locations=classpath:migration/schema.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				// Nobody but the migration has used a connection
				HikariDataSource pool = context.getBean(CrdbDataSource.class).unwrap(HikariDataSource.class);
				assertThat(pool.getHikariPoolMXBean()).isNull();
				assertThat(database.jdbc().sql("SELECT count(*) FROM " + table).query(Integer.class).single()).isZero();
			});
	}

	/**
	 * Spring Boot 4.0 derives nothing from a {@code DelegatingDataSource}, whoever's it
	 * is.
	 */
	private static boolean bootLooksIntoWrappers() {
		return !SpringBootVersion.getVersion().startsWith("4.0.");
	}

}
