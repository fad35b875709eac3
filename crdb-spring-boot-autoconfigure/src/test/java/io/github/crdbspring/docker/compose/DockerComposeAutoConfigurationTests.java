package io.github.crdbspring.docker.compose;

import java.net.URI;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.url.CrdbUrl;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the DataSource of a Docker Compose service. No Docker is asked; what Spring
 * Boot would learn from it is made up.
 */
@DatabaseTest
class DockerComposeAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class));

	private static FakeService cockroach() {
		return FakeService.of("cockroachdb/cockroach:v25.2.0", Map.of("COCKROACH_DATABASE", "bank"), Map.of());
	}

	private ApplicationContextRunner with(RunningService... services) {
		return this.runner.withInitializer((context) -> FakeService.announce(context, services));
	}

	@Test
	void theServiceWinsOverTheUrl() {
		with(cockroach()).withPropertyValues("crdb.url=postgresql://root@elsewhere:1/other?sslmode=disable")
			.run((context) -> {
				assertThat(context).hasSingleBean(JdbcConnectionDetails.class)
					.hasBean("jdbcConnectionDetailsForDatabase");
				HikariDataSource pool = context.getBean(DataSource.class).unwrap(HikariDataSource.class);
				assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:33333/bank");
				assertThat(pool.getUsername()).isEqualTo("root");
				assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
			});
	}

	@Test
	void theServiceWinsOverSpringBootsUrl() {
		with(cockroach()).withPropertyValues("spring.datasource.url=jdbc:postgresql://elsewhere:1/other")
			.run((context) -> assertThat(context.getBean(DataSource.class).unwrap(HikariDataSource.class).getJdbcUrl())
				.isEqualTo("jdbc:postgresql://127.0.0.1:33333/bank"));
	}

	@Test
	void theServiceNeedsNoUrl() {
		with(cockroach())
			.run((context) -> assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class));
	}

	@Test
	void theUsersDataSourceWinsOverTheService(TestDatabase database) {
		DataSource own = database.dataSource();
		with(cockroach()).withBean(DataSource.class, () -> own)
			.run((context) -> assertThat(context.getBean(DataSource.class)).isSameAs(own));
	}

	/**
	 * One node of a cluster is enough; Spring Boot's label leaves the others out.
	 */
	@Test
	void severalNodesAreAmbiguous() {
		with(cockroach().named("node-one"), cockroach().named("node-two"))
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasMessageContaining("jdbcConnectionDetailsForNodeOne")
				.hasMessageContaining("jdbcConnectionDetailsForNodeTwo"));
	}

	@Test
	void aServiceThatSpeaksNoTlsIsConnectedTo(TestDatabase database) {
		URI uri = URI.create(database.url());
		Map<String, String> environment = Map.of("COCKROACH_DATABASE", uri.getPath().substring(1), "COCKROACH_USER",
				CrdbUrl.parse(database.url()).username());
		FakeService service = FakeService.of("cockroachdb/cockroach", environment, Map.of())
			.at(uri.getHost(), uri.getPort());
		with(service).withPropertyValues("spring.datasource.hikari.minimum-idle=0").run((context) -> {
			DataSource dataSource = context.getBean(DataSource.class);
			assertThat(JdbcClient.create(dataSource).sql("SELECT current_database()").query(String.class).single())
				.isEqualTo(uri.getPath().substring(1));
		});
	}

}
