package io.github.crdbspring.autoconfigure.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbCredentials;
import io.github.crdbspring.test.PasswordPostgres;
import io.github.crdbspring.test.ServerTest;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbCredentials} on a server that asks for passwords.
 */
@ServerTest
@ExtendWith(OutputCaptureExtension.class)
class CrdbCredentialsTests {

	private static final String ROTATED = "r0tated-horse";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("spring.datasource.hikari.connection-timeout=1000",
				"spring.datasource.hikari.maximum-pool-size=1");

	@Test
	void eachPhysicalConnectionLogsInWithWhatIsValidThen(PasswordPostgres server, CapturedOutput output) {
		AtomicReference<String> password = new AtomicReference<>(PasswordPostgres.PASSWORD);
		AtomicInteger asked = new AtomicInteger();
		LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
		logging.setLogLevel("com.zaxxer.hikari", LogLevel.DEBUG);
		try {
			withUrl(server).withPropertyValues("crdb.username=" + PasswordPostgres.USER)
				.withBean(CrdbCredentials.class, () -> () -> {
					asked.incrementAndGet();
					return password.get();
				})
				.run((context) -> {
					JdbcClient jdbc = JdbcClient.create(context.getBean(DataSource.class));
					jdbc.sql("SELECT 1").query(Integer.class).single();
					int before = asked.get();
					jdbc.sql("SELECT 1").query(Integer.class).single();
					assertThat(asked).hasValue(before);
					jdbc.sql("ALTER ROLE " + PasswordPostgres.USER + " PASSWORD '" + ROTATED + "'").update();
					evict(context);
					assertThatExceptionOfType(SQLException.class)
						.isThrownBy(() -> context.getBean(DataSource.class).getConnection());
					password.set(ROTATED);
					assertThat(jdbc.sql("SELECT current_user").query(String.class).single())
						.isEqualTo(PasswordPostgres.USER);
					jdbc.sql("ALTER ROLE " + PasswordPostgres.USER + " PASSWORD '" + PasswordPostgres.PASSWORD + "'")
						.update();
				});
		}
		finally {
			logging.setLogLevel("com.zaxxer.hikari", null);
		}
		assertThat(output).contains("com.zaxxer.hikari").doesNotContain(PasswordPostgres.PASSWORD, ROTATED);
	}

	@Test
	void theUserMayChangeToo(PasswordPostgres server) {
		withUrl(server).withPropertyValues("crdb.username=nobody", "crdb.password=none")
			.withBean(CrdbCredentials.class, () -> new CrdbCredentials() {

				@Override
				public String getPassword() {
					return PasswordPostgres.PASSWORD;
				}

				@Override
				public String getUsername() {
					return PasswordPostgres.USER;
				}

			})
			.run((context) -> assertThat(JdbcClient.create(context.getBean(DataSource.class))
				.sql("SELECT current_user")
				.query(String.class)
				.single()).isEqualTo(PasswordPostgres.USER));
	}

	@Test
	void aTokenIsAnnounced() {
		ApplicationContextRunner withToken = this.runner.withBean(CrdbCredentials.class, Token::new);
		withToken.withPropertyValues("crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable")
			.run((context) -> assertThat(pool(context).getDataSourceProperties()).containsEntry("options",
					"--crdb:jwt_auth_enabled=true"));
		withToken
			.withPropertyValues("crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable"
					+ "&options=--crdb%3Ajwt_auth_enabled%3Dtrue%20-c%20search_path%3Dbank")
			.run((context) -> assertThat(pool(context).getDataSourceProperties()).doesNotContainKey("options"));
		withToken
			.withPropertyValues(
					"crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable&options=-c%20search_path%3Dbank")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("add --crdb:jwt_auth_enabled=true"));
	}

	@Test
	void aPoolThatCannotAskIsRefused() {
		this.runner.withBean(CrdbCredentials.class, Token::new)
			.withPropertyValues("crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable",
					"spring.datasource.type=" + BasicDataSource.class.getName())
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("only HikariCP asks")
				.hasMessageContaining(BasicDataSource.class.getName()));
	}

	@Test
	void aServiceHasCredentialsOfItsOwn() {
		this.runner.withBean(CrdbCredentials.class, Token::new)
			.withBean(JdbcConnectionDetails.class, Service::new)
			.withPropertyValues("crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable")
			.run((context) -> assertThat(pool(context).getCredentialsProvider()).isNull());
	}

	private ApplicationContextRunner withUrl(PasswordPostgres server) {
		return this.runner
			.withPropertyValues("crdb.url=postgresql://localhost:" + server.port() + "/" + PasswordPostgres.DATABASE);
	}

	private static void evict(AssertableApplicationContext context) throws SQLException {
		HikariDataSource pool = pool(context);
		try (Connection connection = pool.getConnection()) {
			pool.evictConnection(connection);
		}
	}

	private static HikariDataSource pool(AssertableApplicationContext context) throws SQLException {
		return context.getBean(DataSource.class).unwrap(HikariDataSource.class);
	}

	/**
	 * A JSON Web Token.
	 */
	private static final class Token implements CrdbCredentials {

		@Override
		public String getPassword() {
			return "header.payload.signature";
		}

		@Override
		public boolean isJwt() {
			return true;
		}

	}

	/**
	 * A service connection.
	 */
	private static final class Service implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "service";
		}

		@Override
		public String getPassword() {
			return "service";
		}

		@Override
		public String getJdbcUrl() {
			return "jdbc:postgresql://localhost:1/service";
		}

	}

}
