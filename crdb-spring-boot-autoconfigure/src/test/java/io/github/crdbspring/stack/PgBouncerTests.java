package io.github.crdbspring.stack;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.autoconfigure.diagnostics.FailingApplication;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.PgBouncer;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.url.CrdbUrl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for PgBouncer between the application and the database, with the settings that
 * docs/pool.md recommends.
 */
@DatabaseTest
@EnabledIf(value = "io.github.crdbspring.test.PgBouncer#isInstalled",
		disabledReason = "Needs a pgbouncer executable: PGBOUNCER_BINARY, on the PATH, or in /usr/sbin")
@ExtendWith(OutputCaptureExtension.class)
class PgBouncerTests {

	private static final String SESSION = "pool_mode=session";

	private static final String TRANSACTION = "pool_mode=transaction";

	private final TestDatabase database;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
				JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class))
		.withPropertyValues("spring.application.name=shop", "spring.datasource.hikari.maximum-pool-size=8");

	PgBouncerTests(TestDatabase database) {
		this.database = database;
	}

	@BeforeEach
	void createTable() {
		JdbcClient jdbc = this.database.jdbc();
		jdbc.sql("DROP TABLE IF EXISTS account").update();
		jdbc.sql("CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)").update();
		jdbc.sql("INSERT INTO account SELECT id, 100 FROM generate_series(1, 4) AS id").update();
	}

	@ParameterizedTest
	@ValueSource(strings = { SESSION, TRANSACTION })
	void letsInAnApplicationWithAllDefaultsWhereItLetsInTheDriver(String mode) throws Exception {
		try (PgBouncer pooler = PgBouncer.start(this.database, mode)) {
			CrdbUrl url = CrdbUrl.parse(pooler.url(this.database));
			try (Connection plain = DriverManager.getConnection(url.jdbcUrl(), url.username(), url.password())) {
				assertThat(plain.isValid(5)).isTrue();
			}
			this.runner.withPropertyValues("crdb.url=" + pooler.url(this.database)).run((context) -> {
				assertThat(context.getBean(CrdbDataSource.class).getServerInfo()).isEqualTo(this.database.serverInfo());
				assertThat(context.getBean(JdbcClient.class)
					.sql("SELECT sum(balance) FROM account")
					.query(Integer.class)
					.single()).isEqualTo(400);
			});
		}
	}

	@Test
	void inSessionModeConflictingTransfersAreRunAgainWithAllDefaults() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(this.database, SESSION)) {
			this.runner.withPropertyValues("crdb.url=" + pooler.url(this.database)).run(this::transfer);
		}
	}

	@Test
	void inTransactionModeTheyAreWithoutPreparedStatementsOnTheServer() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(this.database, TRANSACTION, "default_pool_size=3")) {
			this.runner.withPropertyValues("crdb.url=" + pooler.url(this.database) + "&prepareThreshold=0")
				.run(this::transfer);
		}
	}

	@Test
	void inSessionModeVariablesOfTheSessionHold() throws Exception {
		try (PgBouncer pooler = PgBouncer.start(this.database, SESSION)) {
			this.runner.withPropertyValues("crdb.url=" + pooler.url(this.database), "crdb.session.statement_timeout=7s")
				.run((context) -> assertThat(
						context.getBean(JdbcClient.class).sql("SHOW statement_timeout").query(String.class).single())
					.isIn("7s", "7000"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { SESSION, TRANSACTION })
	void aConnectionThatIsLostBehindItIsALostConnection(String mode) throws Exception {
		try (PgBouncer pooler = PgBouncer.start(this.database, mode)) {
			this.runner.withPropertyValues("crdb.url=" + pooler.url(this.database) + "&prepareThreshold=0")
				.run((context) -> {
					JdbcClient jdbc = context.getBean(JdbcClient.class);
					List<Integer> attempts = new ArrayList<>();
					context.getBean(CrdbTransactionTemplate.class).executeWithoutResult((status) -> {
						attempts.add(TransactionAttempt.current().orElseThrow().number());
						jdbc.sql("UPDATE account SET balance = balance + 1 WHERE id = 1").update();
						if (attempts.size() == 1) {
							endSession(jdbc);
						}
						jdbc.sql("UPDATE account SET balance = balance + 1 WHERE id = 2").update();
					});
					assertThat(attempts).containsExactly(1, 2);
					assertThat(total()).isEqualTo(402);
				});
		}
	}

	@Test
	void aParameterThatItDoesNotLetPassIsExplained(CapturedOutput output) throws Exception {
		try (PgBouncer pooler = PgBouncer.start(this.database, TRANSACTION)) {
			String url = pooler.url(this.database) + "&options=-c%20extra_float_digits%3D3";
			CrdbUrl parsed = CrdbUrl.parse(url);
			assertThatExceptionOfType(PSQLException.class)
				.isThrownBy(() -> DriverManager.getConnection(parsed.jdbcUrl(), parsed.username(), parsed.password()));
			assertThat(FailingApplication.start(output, Application.class, "crdb.url=" + url)).contains(
					"(SQLSTATE 08P01): a connection pooler in between does not let a parameter of the connection pass",
					"options", "Take the parameter out of crdb.url", "ignore_startup_parameters");
		}
	}

	private void endSession(JdbcClient jdbc) {
		if (this.database.isCockroach()) {
			String session = jdbc.sql("SHOW session_id").query(String.class).single();
			this.database.jdbc().sql("CANCEL SESSION '" + session + "'").update();
		}
		else {
			int backend = jdbc.sql("SELECT pg_backend_pid()").query(Integer.class).single();
			this.database.jdbc().sql("SELECT pg_terminate_backend(?)").param(backend).query().singleValue();
		}
	}

	private void transfer(ApplicationContext context) throws Exception {
		JdbcClient jdbc = context.getBean(JdbcClient.class);
		CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class)
			.withOptions(CrdbTransactionOptions.builder().name("transfer").maxAttempts(100).build());
		ExecutorService threads = Executors.newFixedThreadPool(6);
		try {
			List<Future<?>> calls = new ArrayList<>();
			for (int i = 0; i < 6; i++) {
				calls.add(threads.submit(() -> {
					for (int n = 0; n < 20; n++) {
						transfer(template, jdbc);
					}
				}));
			}
			for (Future<?> call : calls) {
				call.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(total()).isEqualTo(400);
	}

	private static void transfer(CrdbTransactionTemplate template, JdbcClient jdbc) {
		int from = ThreadLocalRandom.current().nextInt(1, 4);
		template.executeWithoutResult((status) -> {
			int balance = balance(jdbc, from);
			int other = balance(jdbc, from + 1);
			jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").param(balance - 1).param(from).update();
			jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").param(other + 1).param(from + 1).update();
		});
	}

	private static int balance(JdbcClient jdbc, int id) {
		return jdbc.sql("SELECT balance FROM account WHERE id = ?").param(id).query(Integer.class).single();
	}

	private int total() {
		return this.database.jdbc().sql("SELECT sum(balance) FROM account").query(Integer.class).single();
	}

	/**
	 * Uses its database while it starts.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

		@Bean
		InitializingBean user(DataSource dataSource) {
			return () -> {
				try (Connection connection = dataSource.getConnection()) {
					assertThat(connection.isClosed()).isFalse();
				}
				catch (SQLException ex) {
					throw new IllegalStateException(ex);
				}
			};
		}

	}

}
