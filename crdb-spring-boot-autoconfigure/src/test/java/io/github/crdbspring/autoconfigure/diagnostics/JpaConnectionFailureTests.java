package io.github.crdbspring.autoconfigure.diagnostics;

import java.util.stream.Stream;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbHibernateAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.SecureCockroach;
import io.github.crdbspring.test.ServerTest;
import io.github.crdbspring.test.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for start-ups that fail because Hibernate cannot reach its database.
 */
@ServerTest
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class JpaConnectionFailureTests {

	/**
	 * CockroachDB 22.1 asks for more iterations than the driver takes by default.
	 */
	private static final String LOGIN = "sslmode=require&scramMaxIterations=200000";

	private static final String WRONG = "wr0ng-wr0ng";

	@Test
	void nothingListens(CapturedOutput output) {
		assertThat(start(output, "postgresql://localhost:1/bank?sslmode=disable", "teller", WRONG)).contains(
				"The database at localhost:1/bank cannot be used (SQLSTATE 08001): nothing listens there",
				"correct host and port in crdb.url");
	}

	@Test
	void thePoolFailsToInitialize(CapturedOutput output) {
		assertThat(FailingApplication.start(output, JpaApplication.class,
				"crdb.url=postgresql://localhost:1/bank?sslmode=disable"))
			.contains("The database at localhost:1/bank cannot be used (SQLSTATE 08001): nothing listens there");
	}

	@Test
	void aLazyDataSource(CapturedOutput output) {
		assertThat(FailingApplication.start(output, JpaApplication.class, "spring.datasource.connection-fetch=lazy",
				"crdb.url=postgresql://localhost:1/bank?sslmode=disable"))
			.contains("nothing listens there");
	}

	@Test
	void theSchemaCannotBeMade(CapturedOutput output) {
		assertThat(FailingApplication.start(output, JpaApplication.class,
				"crdb.url=postgresql://localhost:1/bank?sslmode=disable", "spring.jpa.hibernate.ddl-auto=update",
				"spring.jpa.database-platform=org.hibernate.dialect.CockroachDialect"))
			.contains("nothing listens there");
	}

	@Test
	void thePasswordIsWrong(PasswordPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url(PasswordPostgres.DATABASE, ""), PasswordPostgres.USER, WRONG))
			.contains("(SQLSTATE 28P01): the server refused the login");
	}

	@Test
	void theDatabaseIsUnknown(PasswordPostgres server, CapturedOutput output) {
		assertThat(start(output, server.url("nowhere", ""), PasswordPostgres.USER, PasswordPostgres.PASSWORD))
			.contains("/nowhere cannot be used (SQLSTATE 3D000): a database does not exist");
	}

	@Test
	void thePasswordIsWrongOnCockroach(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server.url(SecureCockroach.DATABASE, LOGIN), SecureCockroach.USER, WRONG))
			.contains("the server refused the login");
	}

	@Test
	void theDatabaseIsUnknownOnCockroach(SecureCockroach server, CapturedOutput output) {
		assertThat(start(output, server.url("nowhere", LOGIN), SecureCockroach.USER, SecureCockroach.PASSWORD,
				"spring.jpa.hibernate.ddl-auto=update"))
			.contains("/nowhere cannot be used", "a database does not exist");
	}

	@Test
	void theSchemaIsNotWhatTheEntitiesSay(TestDatabase database, CapturedOutput output) {
		assertThat(FailingApplication.start(output, JpaApplication.class, "crdb.url=" + database.url(),
				"spring.jpa.hibernate.ddl-auto=validate"))
			.isEmpty();
		assertThat(output).contains("missing table [ledger]");
	}

	private static String start(CapturedOutput output, String url, String username, String password,
			String... properties) {
		return FailingApplication.start(output, JpaApplication.class,
				Stream.concat(Stream.of(FailingApplication.NO_POOL, "crdb.url=" + url, "crdb.username=" + username,
						"crdb.password=" + password), Stream.of(properties))
					.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbHibernateAutoConfiguration.class,
			DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class })
	static class JpaApplication {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(MappedType.class.getName());
		}

	}

	@Entity(name = "ledger")
	static class MappedType {

		@Id
		private long id;

	}

}
