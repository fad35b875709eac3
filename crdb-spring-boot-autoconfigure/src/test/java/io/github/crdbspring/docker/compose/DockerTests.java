package io.github.crdbspring.docker.compose;

import java.io.IOException;
import java.nio.file.Path;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.cockroachdb.CockroachContainer;
import org.testcontainers.utility.DockerImageName;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for connections to CockroachDB in real containers.
 */
class DockerTests {

	private static final String IMAGE = System.getProperty("crdb.test.image", "cockroachdb/cockroach:latest-v25.2");

	static boolean isDockerAvailable() {
		return DockerClientFactory.instance().isDockerAvailable();
	}

	static boolean isDockerComposeAvailable() throws IOException, InterruptedException {
		return isDockerAvailable()
				&& new ProcessBuilder("docker", "compose", "version").redirectOutput(ProcessBuilder.Redirect.DISCARD)
					.redirectError(ProcessBuilder.Redirect.DISCARD)
					.start()
					.waitFor() == 0;
	}

	@ParameterizedTest
	@CsvSource({ "insecure, root", "secure, maxroach" })
	@EnabledIf(value = "isDockerComposeAvailable", disabledReason = "Needs Docker with Docker Compose")
	void aComposeServiceIsConnectedTo(String profile, String user) throws Exception {
		Path file = Path.of(DockerTests.class.getResource("/docker/compose.yaml").toURI());
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		try (ConfigurableApplicationContext context = application.run("--spring.docker.compose.file=" + file,
				"--spring.docker.compose.skip.in-tests=false", "--spring.docker.compose.stop.command=down",
				"--spring.docker.compose.profiles.active=" + profile)) {
			CrdbDataSource dataSource = (CrdbDataSource) context.getBean(DataSource.class);
			assertThat(dataSource.getServerInfo().isCockroach()).isTrue();
			JdbcClient jdbc = JdbcClient.create(dataSource);
			assertThat(jdbc.sql("SELECT current_database()").query(String.class).single()).isEqualTo("bank");
			assertThat(jdbc.sql("SELECT current_user").query(String.class).single()).isEqualTo(user);
		}
	}

	@Test
	@EnabledIf(value = "isDockerAvailable", disabledReason = "Needs Docker")
	void aContainerOfTestcontainersIsConnectedTo() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ServiceConnectionAutoConfiguration.class,
					CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withUserConfiguration(ContainerConfiguration.class)
			.withPropertyValues("crdb.url=postgresql://maxroach:secret@elsewhere:1/other")
			.run((context) -> assertThat(context.getBean(CrdbDataSource.class).getServerInfo().isCockroach()).isTrue());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class ContainerConfiguration {

		@Bean
		@ServiceConnection
		CockroachContainer cockroach() {
			return new CockroachContainer(
					DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("cockroachdb/cockroach"));
		}

	}

}
