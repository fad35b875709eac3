package io.github.crdbspring.autoconfigure.diagnostics;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLNonTransientConnectionException;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ConnectionFailureAnalyzer} where no database is reached, and for what
 * is wrapped around a failure.
 */
@ExtendWith(OutputCaptureExtension.class)
class ConnectionFailureTests {

	private static final String SECRET = "s3cr3t-s3cr3t";

	private static final String REFUSED = "postgresql://localhost:1/bank?sslmode=disable";

	@Test
	void nothingListens(CapturedOutput output) {
		assertThat(start(output, REFUSED)).contains(
				"The database at localhost:1/bank cannot be used (SQLSTATE 08001): nothing listens there",
				"correct host and port in crdb.url", "port 26257");
	}

	@Test
	void theHostIsUnknown(CapturedOutput output) {
		assertThat(start(output, "postgresql://no.such.host.invalid/bank?sslmode=disable"))
			.contains("at no.such.host.invalid:26257/bank", "the name of the host is not known", "Correct the host");
	}

	@ParameterizedTest
	@ValueSource(strings = { "socketTimeout=1", "loginTimeout=1" })
	void theServerIsSilent(String timeout, CapturedOutput output) throws IOException {
		try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertThat(start(output, url(silent) + "&" + timeout)).contains("the server did not answer in time",
					"firewall");
		}
	}

	@Test
	void theConnectionIsClosed(CapturedOutput output) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			Thread closing = answerOnce(server, "");
			assertThat(start(output, url(server))).contains("closed again before a database answered", "load balancer");
			closing.join();
		}
	}

	@Test
	void somethingElseAnswers(CapturedOutput output) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			Thread answering = answerOnce(server, "HTTP/1.1 400 Bad Request\r\n\r\n");
			assertThat(start(output, url(server))).contains("does not speak PostgreSQL's protocol", "8080");
			answering.join();
		}
	}

	@Test
	void thePoolFailsToInitialize(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class, "crdb.url=" + REFUSED,
				"crdb.username=teller", "crdb.password=" + SECRET))
			.contains("at localhost:1/bank", "nothing listens there");
	}

	@Test
	void thePoolTimesOut(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class, "crdb.url=" + REFUSED,
				"crdb.username=teller", "crdb.password=" + SECRET,
				"spring.datasource.hikari.initialization-fail-timeout=-1",
				"spring.datasource.hikari.connection-timeout=1500"))
			.contains("at localhost:1/bank", "nothing listens there");
	}

	@Test
	void thePropertyOfSpringBootIsNamed(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"spring.datasource.url=jdbc:postgresql://localhost:1/bank", "spring.datasource.username=teller",
				"spring.datasource.password=" + SECRET, "crdb.url=postgresql://elsewhere/"))
			.contains("at localhost:1/bank", "correct host and port in spring.datasource.url")
			.doesNotContain("crdb.url", "elsewhere");
	}

	@Test
	void thePropertyOfThePoolIsNamed(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"spring.datasource.hikari.jdbc-url=jdbc:postgresql://localhost:1/bank",
				"crdb.url=postgresql://localhost:2/vault?sslmode=disable"))
			.contains("at localhost:1/bank", "correct host and port in spring.datasource.hikari.jdbc-url")
			.doesNotContain("crdb.url", "vault");
	}

	@Test
	void ofADataSourceOfTheUsersNoAddressIsSaid(CapturedOutput output) {
		assertThat(FailingApplication.start(output, OwnDataSource.class, "crdb.url=postgresql://elsewhere/"))
			.contains("The database cannot be used (SQLSTATE 08001): nothing listens there",
					"correct host and port in the database URL")
			.doesNotContain("crdb.url", "elsewhere");
	}

	@Test
	void credentialsBeforeTheHostOfAJdbcUrl(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"spring.datasource.url=jdbc:postgresql://teller:" + SECRET + "@localhost:1/bank"))
			.contains("a user before the host", "Set crdb.url instead")
			.doesNotContain(SECRET);
	}

	@Test
	void credentialsBeforeAHostWithoutPort(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"spring.datasource.url=jdbc:postgresql://teller:" + SECRET + "@localhost/bank"))
			.contains("the PostgreSQL driver cannot read it", "Or set crdb.url instead")
			.doesNotContain(SECRET);
	}

	@Test
	void anotherProductsFailureIsNotOurs(CapturedOutput output) {
		assertThat(FailingApplication.start(output, OtherProduct.class)).isEmpty();
	}

	@Test
	void nothingIsSaidWhereCrdbIsDisabled(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class, "crdb.enabled=false",
				"spring.datasource.url=jdbc:postgresql://localhost:1/bank"))
			.isEmpty();
	}

	private static String start(CapturedOutput output, String url) {
		return FailingApplication.start(output, url, "teller", SECRET);
	}

	private static String url(ServerSocket server) {
		return "postgresql://localhost:" + server.getLocalPort() + "/bank?sslmode=disable";
	}

	private static Thread answerOnce(ServerSocket server, String answer) {
		Thread thread = new Thread(() -> {
			try (Socket socket = server.accept()) {
				socket.getInputStream().readNBytes(8);
				socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
				socket.shutdownOutput();
				socket.getInputStream().readAllBytes();
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		});
		thread.start();
		return thread;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(CrdbDataSourceAutoConfiguration.class)
	static class OwnDataSource {

		@Bean
		DataSource dataSource() {
			return new DriverManagerDataSource("jdbc:postgresql://localhost:1/bank", "teller", SECRET);
		}

		@Bean
		InitializingBean user(DataSource dataSource) {
			return () -> dataSource.getConnection().close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(CrdbDataSourceAutoConfiguration.class)
	static class OtherProduct {

		@Bean
		InitializingBean user() {
			return () -> {
				throw new SQLNonTransientConnectionException("refused", "08001", new ConnectException("refused"));
			};
		}

	}

}
