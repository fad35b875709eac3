package io.github.crdbspring.autoconfigure.datasource;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbExceptionOverride;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PoolDefaults}.
 */
class PoolDefaultsTests {

	private static final HikariConfig UNTOUCHED = new HikariConfig();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("crdb.url=postgresql://maxroach@localhost:1/bank?sslmode=disable",
				"spring.application.name=shop");

	@Test
	void aPoolGetsThemWhereTheUserHasSetNothing() {
		this.runner.run((context) -> {
			HikariDataSource pool = pool(context);
			assertThat(pool.getMaximumPoolSize()).isEqualTo(12);
			assertThat(pool.getMinimumIdle()).isNegative();
			assertThat(pool.getMaxLifetime()).isEqualTo(300_000);
			assertThat(pool.getKeepaliveTime()).isEqualTo(150_000);
			assertThat(pool.getIdleTimeout()).isEqualTo(UNTOUCHED.getIdleTimeout());
			assertThat(pool.getExceptionOverride()).isInstanceOf(CrdbExceptionOverride.class);
			assertThat(pool.getDataSourceProperties()).containsEntry("reWriteBatchedInserts", "true")
				.containsEntry("scramMaxIterations", "200000")
				.containsEntry("tcpKeepAlive", "true")
				.containsEntry("ApplicationName", "shop")
				.doesNotContainKeys("loadBalanceHosts", "options");
			assertThat(pool.getDataSourceProperties().getProperty("reWriteBatchedInsertsSize"))
				.isEqualTo(driverKnowsTheSize() ? "128" : null);
		});
	}

	@Test
	void theyCanBeSwitchedOff() {
		this.runner.withPropertyValues("crdb.pool-defaults=false").run((context) -> {
			HikariDataSource pool = pool(context);
			assertThat(pool.getMaximumPoolSize()).isEqualTo(UNTOUCHED.getMaximumPoolSize());
			assertThat(pool.getMaxLifetime()).isEqualTo(UNTOUCHED.getMaxLifetime());
			assertThat(pool.getKeepaliveTime()).isEqualTo(UNTOUCHED.getKeepaliveTime());
			assertThat(pool.getExceptionOverride()).isNull();
			assertThat(pool.getDataSourceProperties()).isEmpty();
		});
	}

	@Test
	void severalHostsShareTheLoad() {
		this.runner.withPropertyValues("crdb.url=postgresql://maxroach@one,two,three/bank")
			.run((context) -> assertThat(pool(context).getDataSourceProperties()).containsEntry("loadBalanceHosts",
					"true"));
	}

	@ParameterizedTest
	@CsvSource({ "maximum-pool-size,10", "maximum-pool-size,40", "max-lifetime,1800000", "max-lifetime,600000",
			"keepalive-time,120000", "keepalive-time,60000", "minimum-idle,3", "idle-timeout,600000" })
	void aPropertyWinsEvenWithTheValueThatThePoolHasAnyway(String property, long value) {
		this.runner.withPropertyValues("spring.datasource.hikari." + property + "=" + value).run((context) -> {
			HikariDataSource pool = pool(context);
			long actual = switch (property) {
				case "maximum-pool-size" -> pool.getMaximumPoolSize();
				case "max-lifetime" -> pool.getMaxLifetime();
				case "keepalive-time" -> pool.getKeepaliveTime();
				case "minimum-idle" -> pool.getMinimumIdle();
				default -> pool.getIdleTimeout();
			};
			assertThat(actual).isEqualTo(value);
		});
	}

	@Test
	void driverPropertiesOfThePoolAndTheUrlWin() {
		this.runner.withPropertyValues(
				"crdb.url=postgresql://maxroach@one,two/bank?application_name=till&loadBalanceHosts=false&scramMaxIterations=0",
				"spring.datasource.hikari.data-source-properties.reWriteBatchedInserts=false",
				"spring.datasource.hikari.exception-override-class-name=" + UsersOverride.class.getName())
			.run((context) -> {
				assertThat(pool(context).getDataSourceProperties()).containsEntry("reWriteBatchedInserts", "false")
					.doesNotContainKeys("ApplicationName", "loadBalanceHosts", "scramMaxIterations");
				assertThat(pool(context).getExceptionOverride()).isInstanceOf(UsersOverride.class);
			});
	}

	@Test
	void theWaitForAConnectionFollowsTheTimeoutOfTransactions() {
		this.runner.withPropertyValues("crdb.transaction.timeout=4s").run((context) -> {
			assertThat(pool(context).getConnectionTimeout()).isEqualTo(4_000);
			assertThat(pool(context).getValidationTimeout()).isEqualTo(2_000);
		});
	}

	@ParameterizedTest
	@CsvSource({ "100ms,,250", "60s,,30000", "4s,20000,20000", "4s,30000,30000" })
	void theWaitForAConnectionFollowsThatWithinWhatThePoolAndTheUserLetIt(String timeout, String configured,
			long expected) {
		ApplicationContextRunner withTimeout = this.runner.withPropertyValues("crdb.transaction.timeout=" + timeout);
		((configured != null)
				? withTimeout.withPropertyValues("spring.datasource.hikari.connection-timeout=" + configured)
				: withTimeout)
			.run((context) -> assertThat(pool(context).getConnectionTimeout()).isEqualTo(expected));
	}

	@Test
	void aLongKeepaliveOfTheUsersIsNotSwitchedOffByAShortLifetime() {
		this.runner.withPropertyValues("spring.datasource.hikari.keepalive-time=600000")
			.run((context) -> assertThat(pool(context).getMaxLifetime()).isEqualTo(UNTOUCHED.getMaxLifetime()));
	}

	@Test
	void aShortLifetimeOfTheUsersIsNotOutlivedByTheKeepalive() {
		this.runner.withPropertyValues("spring.datasource.hikari.max-lifetime=90000")
			.run((context) -> assertThat(pool(context).getKeepaliveTime()).isEqualTo(UNTOUCHED.getKeepaliveTime()));
	}

	@Test
	void aPoolThatTheUserLetsShrinkClosesIdleConnectionsBeforeTheyAreTooOld() {
		this.runner.withPropertyValues("spring.datasource.hikari.minimum-idle=2").run((context) -> {
			assertThat(pool(context).getIdleTimeout()).isEqualTo(150_000);
			assertThat(pool(context).getMaxLifetime()).isEqualTo(300_000);
		});
	}

	@Test
	void theUsersOwnPoolGetsThemToo() {
		this.runner.withUserConfiguration(OwnPool.class)
			.withPropertyValues("shop.pool.maximum-pool-size=10")
			.run((context) -> {
				assertThat(pool(context).getMaximumPoolSize()).isEqualTo(10);
				assertThat(pool(context).getConnectionTimeout()).isEqualTo(4_000);
				assertThat(pool(context).getMaxLifetime()).isEqualTo(300_000);
			});
	}

	@Test
	void aPoolWithADataSourceOfItsOwnKeepsTheDriversProperties() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(new PGSimpleDataSource());
		this.runner.withBean(DataSource.class, () -> pool).run((context) -> {
			assertThat(pool.getMaximumPoolSize()).isEqualTo(12);
			assertThat(pool.getDataSourceProperties()).isEmpty();
		});
	}

	@Test
	void aPoolOfAnotherProductIsLeftAsItIs() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl("jdbc:h2:mem:test");
		this.runner.withBean(DataSource.class, () -> pool).run((context) -> {
			assertThat(pool.getMaximumPoolSize()).isEqualTo(UNTOUCHED.getMaximumPoolSize());
			assertThat(pool.getDataSourceProperties()).isEmpty();
		});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void aDebugLineListsWhatWasApplied(CapturedOutput output) {
		LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
		logging.setLogLevel(PoolDefaults.class.getName(), LogLevel.DEBUG);
		try {
			this.runner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=5")
				.run((context) -> assertThat(output).contains("pool 'dataSource': {max-lifetime=300000, "
						+ "keepalive-time=150000, exception-override=CrdbExceptionOverride, "
						+ "reWriteBatchedInserts=true, "
						+ (driverKnowsTheSize() ? "reWriteBatchedInsertsSize=128, " : "")
						+ "scramMaxIterations=200000, " + "tcpKeepAlive=true, ApplicationName=shop}"));
		}
		finally {
			logging.setLogLevel(PoolDefaults.class.getName(), null);
		}
	}

	private static boolean driverKnowsTheSize() {
		return PGProperty.forName("reWriteBatchedInsertsSize") != null;
	}

	private static HikariDataSource pool(AssertableApplicationContext context) throws Exception {
		return context.getBean(DataSource.class).unwrap(HikariDataSource.class);
	}

	/**
	 * A pool of the user's own, configured with properties of their own, and in code.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OwnPool {

		@Bean
		@ConfigurationProperties("shop.pool")
		HikariDataSource shop() {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl("jdbc:postgresql://localhost:1/shop");
			pool.setConnectionTimeout(4_000);
			return pool;
		}

	}

	/**
	 * An override of the user's own.
	 */
	public static class UsersOverride implements SQLExceptionOverride {

	}

}
