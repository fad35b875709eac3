package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.jdbc.CrdbCredentials;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.url.CrdbUrl;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbReadOnlyAutoConfiguration}. Both pools are on the same server, and
 * are told apart by the names of their sessions.
 */
@DatabaseTest
class CrdbReadOnlyAutoConfigurationTests {

	private static final String WRITES = "writes";

	private static final String READS = "reads";

	private static TestDatabase database;

	private final ApplicationContextRunner withoutUrl = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbReadOnlyAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
				CrdbHealthContributorAutoConfiguration.class, CrdbInfoContributorAutoConfiguration.class,
				DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
				JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class,
				TransactionAutoConfiguration.class, AopAutoConfiguration.class))
		.withUserConfiguration(Beans.class);

	private final ApplicationContextRunner runner = this.withoutUrl.withPropertyValues("crdb.url=" + database.url(),
			"crdb.health.timeout=1m", "crdb.transaction.backoff.initial-interval=1ms",
			"crdb.transaction.backoff.max-interval=1ms",
			"spring.datasource.hikari.data-source-properties.ApplicationName=" + WRITES,
			"spring.datasource.hikari.maximum-pool-size=2", "crdb.read-only.hikari.maximum-pool-size=2",
			"crdb.read-only.hikari.data-source-properties.ApplicationName=" + READS,
			"crdb.read-only.follower-reads=false");

	private final ApplicationContextRunner routed = this.runner.withPropertyValues("crdb.read-only.enabled=true");

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		database.jdbc().sql("CREATE TABLE note (id INT PRIMARY KEY)").update();
	}

	@Test
	void unlessAskedForThereIsOnePool() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(DataSource.class)
			.getBean(DataSource.class)
			.isInstanceOf(CrdbDataSource.class));
		this.routed.withPropertyValues("crdb.read-only.url=" + database.url(), "crdb.read-only.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(DataSource.class));
		this.routed.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/bank")
			.run((context) -> assertThat(context).hasSingleBean(DataSource.class));
	}

	@Test
	void readOnlyTransactionsOfSpringsGoToTheOtherPool() {
		this.routed.run((context) -> {
			Notes notes = context.getBean(Notes.class);
			assertThat(notes.springReads()).isEqualTo(READS);
			assertThat(notes.springWrites()).isEqualTo(WRITES);
			assertThat(session(context)).isEqualTo(WRITES);
		});
	}

	@Test
	void readOnlyTransactionsOfOursGoToTheOtherPool() {
		this.routed.run((context) -> {
			Notes notes = context.getBean(Notes.class);
			assertThat(notes.reads()).isEqualTo(READS);
			assertThat(notes.writes()).isEqualTo(WRITES);
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			assertThat(template.<String>execute(readOnly(), (status) -> session(context))).isEqualTo(READS);
			assertThat(template.<String>execute((status) -> session(context))).isEqualTo(WRITES);
		});
	}

	@Test
	void aUrlOfItsOwnIsEnough() {
		this.runner.withPropertyValues("crdb.read-only.url=" + database.url())
			.run((context) -> assertThat(context.getBean(Notes.class).reads()).isEqualTo(READS));
	}

	@Test
	void theOtherPoolMayBeConfiguredAsSpringBootDoes() {
		CrdbUrl url = CrdbUrl.parse(database.url());
		this.routed
			.withPropertyValues("crdb.url=", "spring.datasource.url=" + url.jdbcUrl(),
					"spring.datasource.username=" + url.username(), "spring.datasource.password=" + url.password(),
					"crdb.read-only.url=" + database.url())
			.run((context) -> {
				assertThat(context.getBean(Notes.class).reads()).isEqualTo(READS);
				assertThat(context.getBean(Notes.class).writes()).isEqualTo(WRITES);
			});
	}

	@Test
	void whatJoinsStaysOnItsPoolAndWhatIsOfItsOwnMayWrite() {
		this.routed.run((context) -> {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			template.executeWithoutResult(
					(status) -> assertThat(template.<String>execute(readOnly(), (inner) -> session(context)))
						.isEqualTo(WRITES));
			CrdbTransactionOptions own = CrdbTransactionOptions.builder()
				.nested(NestedTransactionPolicy.REQUIRES_NEW)
				.build();
			template.executeWithoutResult(readOnly(), (status) -> {
				assertThat(session(context)).isEqualTo(READS);
				assertThat(template.<String>execute(own, (inner) -> {
					insert(context, 1);
					return session(context);
				})).isEqualTo(WRITES);
				assertThat(session(context)).isEqualTo(READS);
			});
			assertThat(database.jdbc().sql("DELETE FROM note WHERE id = 1").update()).isOne();
		});
	}

	@Test
	void readsOfTheOtherPoolAreRetried() {
		this.routed.run((context) -> {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			assertThat(template.<String>execute(readOnly(), (status) -> {
				int attempt = TransactionAttempt.current().orElseThrow().number();
				String session = session(context);
				if (attempt == 1) {
					throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
				}
				return session + attempt;
			})).isEqualTo(READS + 2);
		});
	}

	@Test
	void theOutcomeIsGuardedOnBothPools() {
		this.routed.run((context) -> {
			for (boolean readOnly : new boolean[] { false, true }) {
				TransactionTemplate template = new TransactionTemplate(
						context.getBean(PlatformTransactionManager.class));
				template.setReadOnly(readOnly);
				assertThatExceptionOfType(DataAccessException.class)
					.isThrownBy(() -> template.executeWithoutResult((status) -> swallowAnError(context)))
					.havingCause()
					.isInstanceOf(FailedTransactionCommitException.class);
			}
		});
	}

	@Test
	void aWriteThereSaysWhatIsWrong() {
		this.routed.run((context) -> {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> template.executeWithoutResult(readOnly(), (status) -> insert(context, 2)))
				.havingCause()
				.isInstanceOfSatisfying(SQLException.class, (ex) -> assertThat(ex.getSQLState()).isEqualTo("25006"))
				.withMessageContaining("crdb.read-only")
				.withMessageContaining("Begin the outermost transaction without readOnly = true")
				.withMessageContaining("INSERT");
			JdbcClient outside = JdbcClient.create(context.getBean("crdbReadOnlyDataSource", DataSource.class));
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> outside.sql("INSERT INTO note VALUES (3)").update())
				.withStackTraceContaining("Begin the outermost transaction without readOnly = true");
		});
	}

	@Test
	void otherBeansGetTheRoutingOneUnlessTheyAskByName() {
		this.routed.run((context) -> {
			Pools pools = context.getBean(Pools.class);
			assertThat(pools.dataSource()).isInstanceOf(LazyConnectionDataSourceProxy.class)
				.isSameAs(context.getBean("dataSource"));
			assertThat(pools.readOnly()).isInstanceOf(CrdbDataSource.class);
			assertThat(pools.readOnly().unwrap(HikariDataSource.class).isReadOnly()).isTrue();
			assertThat(pools.dataSource().unwrap(HikariDataSource.class).isReadOnly()).isFalse();
		});
	}

	@Test
	void noConnectionIsOpenedForIt() {
		this.routed.withPropertyValues("crdb.url=postgresql://root@localhost:1/bank?sslmode=disable").run((context) -> {
			assertThat(context).hasNotFailed();
			for (DataSource dataSource : context.getBean(Pools.class).all()) {
				assertThat(dataSource.unwrap(HikariDataSource.class).getHikariPoolMXBean()).isNull();
			}
		});
	}

	@Test
	void springBootsLazyDataSourceRoutes() {
		this.routed.withPropertyValues("spring.datasource.connection-fetch=lazy").run((context) -> {
			assertThat(context.getBean(Notes.class).reads()).isEqualTo(READS);
			assertThat(context.getBean(Notes.class).writes()).isEqualTo(WRITES);
		});
	}

	@Test
	void healthAndInfoTellOfBoth() {
		this.routed.run((context) -> {
			assertThat(health(context, "dataSource")).isEqualTo(Status.UP);
			assertThat(health(context, CrdbReadOnlyAutoConfiguration.POOL)).isEqualTo(Status.UP);
			Info.Builder info = new Info.Builder();
			context.getBean("crdbInfoContributor", InfoContributor.class).contribute(info);
			assertThat(info.build().getDetails().get("crdb")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsOnlyKeys("dataSource", CrdbReadOnlyAutoConfiguration.POOL);
		});
	}

	@Test
	void aPoolForReadingThatIsDownIsToldOf() {
		this.routed
			.withPropertyValues("crdb.read-only.url=postgresql://root@localhost:1/bank?sslmode=disable",
					"crdb.read-only.hikari.connection-timeout=300")
			.run((context) -> {
				assertThat(health(context, "dataSource")).isEqualTo(Status.UP);
				assertThat(health(context, CrdbReadOnlyAutoConfiguration.POOL)).isEqualTo(Status.DOWN);
				assertThat(context.getBean(Notes.class).writes()).isEqualTo(WRITES);
			});
	}

	@Test
	void readsGoOnWhileTheFirstPoolIsDownAndDoNotWaitForIt() {
		this.runner
			.withPropertyValues("crdb.url=postgresql://root@localhost:1/bank?sslmode=disable",
					"crdb.read-only.url=" + database.url())
			.run((context) -> {
				assertThat(context.getBean(Notes.class).reads()).isEqualTo(READS);
				assertThat(context.getBean(Notes.class).springReads()).isEqualTo(READS);
				assertThat(context.getBean(DataSource.class).unwrap(HikariDataSource.class).getHikariPoolMXBean())
					.isNull();
			});
	}

	@Test
	void userAndCredentialsAreThoseOfTheOtherPoolUnlessItHasItsOwn() {
		ApplicationContextRunner accounts = this.withoutUrl.withPropertyValues(
				"crdb.url=postgresql://localhost:1/bank?sslmode=verify-full", "crdb.username=app",
				"crdb.password=secret", "crdb.read-only.enabled=true");
		accounts.run((context) -> assertThat(account(context)).isEqualTo("app/secret"));
		accounts.withPropertyValues("crdb.read-only.url=postgresql://replica:1/bank?sslmode=verify-full")
			.run((context) -> assertThat(account(context)).isEqualTo("app/secret"));
		accounts.withPropertyValues("crdb.read-only.url=postgresql://reader@replica:1/bank?sslmode=verify-full")
			.run((context) -> assertThat(account(context)).isEqualTo("reader/null"));
		accounts.withPropertyValues("crdb.read-only.username=reader", "crdb.read-only.password=other")
			.run((context) -> assertThat(account(context)).isEqualTo("reader/other"));
		ApplicationContextRunner rotating = accounts.withBean(CrdbCredentials.class, () -> () -> "rotating");
		rotating
			.run((context) -> assertThat(readOnlyPool(context).getCredentialsProvider().getCredentials().getPassword())
				.isEqualTo("rotating"));
		rotating.withPropertyValues("crdb.read-only.username=reader")
			.run((context) -> assertThat(readOnlyPool(context).getCredentialsProvider()).isNull());
	}

	@Test
	void theOtherDefaultsOfPoolsHoldForItToo() {
		this.routed.run((context) -> {
			assertThat(readOnlyPool(context).getMaximumPoolSize()).isEqualTo(2);
			assertThat(readOnlyPool(context).getKeepaliveTime()).isEqualTo(150_000);
			assertThat(readOnlyPool(context).getDataSourceProperties()).containsEntry("tcpKeepAlive", "true")
				.containsEntry("ApplicationName", READS);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "crdb.read-only.hikari.maximum-pool-size=many", "crdb.read-only.hikari.no-such-thing=1",
			"crdb.read-only.follower-reads=perhaps", "crdb.read-only.url=mysql://localhost/bank" })
	void aBadValueIsRefusedByItsName(String property) {
		this.routed.withPropertyValues(property)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining(property.substring(0, property.indexOf('='))));
	}

	@Test
	void withoutAnyUrlItIsRefused() {
		this.withoutUrl
			.withPropertyValues("crdb.read-only.enabled=true",
					"spring.datasource.url=jdbc:postgresql://localhost:1/bank")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("crdb.read-only.url"));
	}

	@Test
	void aDataSourceOfAnotherNameIsRefused() {
		this.routed.withBean("accounts", DataSource.class, () -> database.pool(1))
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("there is no bean of that name")
				.hasStackTraceContaining("setReadOnlyDataSource"));
	}

	/**
	 * That a follower answers needs a licence on these versions, and more than one node:
	 * read in the documentation, not seen. That the session asks for it is seen.
	 */
	@Test
	@RequiresCockroach
	void followerReadsAreAskedFor() {
		this.routed.withPropertyValues("crdb.read-only.follower-reads=true").run((context) -> {
			DataSource readOnly = context.getBean(Pools.class).readOnly();
			// It reads some seconds back, when there was no database of this test yet
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.ignoreExceptions()
				.untilAsserted(() -> assertThat(JdbcClient.create(readOnly)
					.sql("SHOW default_transaction_use_follower_reads")
					.query(String.class)
					.single()).isEqualTo("on"));
			assertThat(JdbcClient.create(context.getBean(DataSource.class))
				.sql("SHOW default_transaction_use_follower_reads")
				.query(String.class)
				.single()).isEqualTo("off");
		});
	}

	@Test
	void followerReadsAreLeftOutOnPostgres() {
		if (!database.isCockroach()) {
			this.routed.withPropertyValues("crdb.read-only.follower-reads=true")
				.run((context) -> assertThat(context.getBean(Notes.class).reads()).isEqualTo(READS));
		}
	}

	private static CrdbTransactionOptions readOnly() {
		return CrdbTransactionOptions.builder().readOnly(true).build();
	}

	private static String session(AssertableApplicationContext context) {
		return context.getBean(JdbcClient.class).sql("SHOW application_name").query(String.class).single();
	}

	private static void insert(AssertableApplicationContext context, int id) {
		context.getBean(JdbcClient.class).sql("INSERT INTO note VALUES (?)").param(id).update();
	}

	private static void swallowAnError(AssertableApplicationContext context) {
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> context.getBean(JdbcClient.class).sql("SELECT 1 / 0").query(Integer.class).single());
	}

	private static Status health(AssertableApplicationContext context, String name) {
		HealthIndicator indicator = (HealthIndicator) context
			.getBean("crdbHealthContributor", CompositeHealthContributor.class)
			.getContributor(name);
		return indicator.health().getStatus();
	}

	private static HikariDataSource readOnlyPool(AssertableApplicationContext context) throws SQLException {
		return context.getBean(Pools.class).readOnly().unwrap(HikariDataSource.class);
	}

	private static String account(AssertableApplicationContext context) throws SQLException {
		return readOnlyPool(context).getUsername() + "/" + readOnlyPool(context).getPassword();
	}

	/**
	 * What an application injects.
	 *
	 * @param dataSource without a name
	 * @param readOnlyProvider by its name
	 */
	record Pools(DataSource dataSource, ObjectProvider<DataSource> readOnlyProvider) {

		DataSource readOnly() {
			return this.readOnlyProvider.getObject();
		}

		DataSource[] all() {
			return new DataSource[] { this.dataSource, readOnly() };
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		Notes notes(JdbcClient jdbc) {
			return new Notes(jdbc);
		}

		@Bean
		Pools pools(DataSource dataSource, @Qualifier("crdbReadOnlyDataSource") ObjectProvider<DataSource> readOnly) {
			return new Pools(dataSource, readOnly);
		}

	}

	/**
	 * Says which pool its methods' transactions use.
	 */
	static class Notes {

		private final JdbcClient jdbc;

		Notes(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(readOnly = true)
		String springReads() {
			return session();
		}

		@Transactional
		String springWrites() {
			return session();
		}

		@CrdbTransactional(readOnly = true)
		String reads() {
			return session();
		}

		@CrdbTransactional
		String writes() {
			return session();
		}

		private String session() {
			return this.jdbc.sql("SHOW application_name").query(String.class).single();
		}

	}

}
