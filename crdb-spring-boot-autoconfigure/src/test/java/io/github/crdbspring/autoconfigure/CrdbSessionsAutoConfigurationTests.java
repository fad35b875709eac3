package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbSessions;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbSessionsAutoConfiguration}.
 */
@DatabaseTest
class CrdbSessionsAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				DataSourceAutoConfiguration.class, CrdbSessionsAutoConfiguration.class));

	@Test
	void listsTheSessionsOfTheDataSource(TestDatabase database) {
		this.runner.withPropertyValues("crdb.url=" + database.url()).run((context) -> {
			CrdbSessions sessions = context.getBean("crdbSessions", CrdbSessions.class);
			if (database.isCockroach()) {
				assertThat(sessions.sessions()).isNotEmpty();
			}
			else {
				assertThatExceptionOfType(InvalidDataAccessApiUsageException.class).isThrownBy(sessions::sessions);
			}
		});
	}

	@Test
	void opensNoConnection() {
		this.runner.withPropertyValues("crdb.url=postgresql://root@localhost:1/none?sslmode=disable")
			.run((context) -> assertThat(context).hasSingleBean(CrdbSessions.class));
	}

	@Test
	void theUsersWins() {
		CrdbSessions users = new CrdbSessions(new DriverManagerDataSource());
		this.runner.withPropertyValues("crdb.url=postgresql://root@localhost:1/none?sslmode=disable")
			.withBean("mine", CrdbSessions.class, () -> users)
			.run((context) -> assertThat(context.getBean(CrdbSessions.class)).isSameAs(users));
	}

	@Test
	void needsASingleDataSource() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(CrdbSessionsAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CrdbSessions.class));
		this.runner.withBean("first", DataSource.class, DriverManagerDataSource::new)
			.withBean("second", DataSource.class, DriverManagerDataSource::new)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CrdbSessions.class));
	}

	@Test
	void isSwitchedOffWithTheRest() {
		this.runner.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/none")
			.run((context) -> assertThat(context).hasSingleBean(DataSource.class).doesNotHaveBean(CrdbSessions.class));
	}

	@Test
	void backsOffWithoutTheDriver() {
		this.runner.withBean(DataSource.class, DriverManagerDataSource::new)
			.withClassLoader(new FilteredClassLoader(PGConnection.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CrdbSessions.class));
	}

}
