package io.github.crdbspring.autoconfigure;

import java.net.URI;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.datasource.CrdbJdbcConnectionDetails;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.url.CrdbUrl;
import org.junit.jupiter.api.Test;
import org.testcontainers.cockroachdb.CockroachContainer;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ServiceConnection} with Testcontainers' {@link CockroachContainer}. No
 * Docker is asked: the container pretends to run, with the test's database in it.
 */
@DatabaseTest
class ServiceConnectionTests {

	private ApplicationContextRunner runner(TestDatabase database) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ServiceConnectionAutoConfiguration.class,
					CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					JdbcClientAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
					TransactionAutoConfiguration.class))
			.withUserConfiguration(ContainerConfiguration.class)
			.withBean(TestDatabase.class, () -> database, (definition) -> definition.setDestroyMethodName(""))
			.withPropertyValues("spring.datasource.hikari.minimum-idle=0");
	}

	@Test
	void theContainerNeedsNoUrl(TestDatabase database) {
		runner(database).run((context) -> {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			String name = template
				.execute((status) -> jdbc.sql("SELECT current_database()").query(String.class).single());
			assertThat(database.url()).contains("/" + name);
			assertThat(context.getBean(CrdbDataSource.class).getServerInfo()).isEqualTo(database.serverInfo());
		});
	}

	@Test
	void theContainerWinsOverTheUrl(TestDatabase database) {
		runner(database)
			.withPropertyValues("crdb.url=postgresql://maxroach:secret@elsewhere:1/other", "crdb.username=other")
			.run((context) -> {
				assertThat(context).hasSingleBean(JdbcConnectionDetails.class)
					.doesNotHaveBean(CrdbJdbcConnectionDetails.class);
				HikariDataSource pool = context.getBean(CrdbDataSource.class).unwrap(HikariDataSource.class);
				assertThat(pool.getJdbcUrl()).startsWith("jdbc:postgresql://").doesNotContain("elsewhere");
				assertThat(pool.getUsername()).isEqualTo(CrdbUrl.parse(database.url()).username());
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class ContainerConfiguration {

		@Bean
		@ServiceConnection
		CockroachContainer cockroach(TestDatabase database) {
			return new RunningContainer(database.url());
		}

	}

	/**
	 * A container with another server in it.
	 */
	static class RunningContainer extends CockroachContainer {

		private final URI uri;

		RunningContainer(String url) {
			super("cockroachdb/cockroach:v25.2.0");
			this.uri = URI.create(url);
			CrdbUrl parsed = CrdbUrl.parse(url);
			withDatabaseName(this.uri.getPath().substring(1)).withUsername(parsed.username())
				.withPassword((parsed.password() != null) ? parsed.password() : "");
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public String getHost() {
			return this.uri.getHost();
		}

		@Override
		public Integer getMappedPort(int originalPort) {
			assertThat(originalPort).isEqualTo(26257);
			return this.uri.getPort();
		}

	}

}
