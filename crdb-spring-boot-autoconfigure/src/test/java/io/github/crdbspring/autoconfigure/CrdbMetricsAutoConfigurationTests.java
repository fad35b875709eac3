package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.metrics.MeterTransactionObserver;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbMetricsAutoConfiguration}.
 */
@DatabaseTest
class CrdbMetricsAutoConfigurationTests {

	private static final AutoConfigurations METRICS = AutoConfigurations.of(MetricsAutoConfiguration.class,
			CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class);

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
							CrdbMetricsAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
							JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "crdb.transaction.backoff.initial-interval=0",
					"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.minimum-idle=0");
	}

	@Test
	void anAnnotatedMethodIsMeteredByItsName() {
		withTransfers().run((context) -> {
			context.getBean(Transfers.class).transfer();
			assertRetried(context, "CrdbMetricsAutoConfigurationTests.Transfers.transfer");
		});
	}

	@Test
	void aMethodOfSpringsAnnotationIsMeteredIfItIsRetried() {
		withTransfers().withPropertyValues("crdb.transaction.retry-spring-transactional=true").run((context) -> {
			context.getBean(Transfers.class).springs();
			assertRetried(context, "CrdbMetricsAutoConfigurationTests.Transfers.springs");
		});
	}

	@Test
	void theTemplateIsMeteredAndItsTransactionIsUnnamed() {
		this.runner.withConfiguration(METRICS).run((context) -> {
			template(context);
			assertThat(count(context, "unnamed")).isOne();
		});
	}

	@Test
	void withoutARegistryNothingIsMetered() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(MeterTransactionObserver.class);
			template(context);
		});
	}

	@Test
	void withoutMicrometerNothingIsMetered() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer.core")).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean("crdbMeterTransactionObserver");
			template(context);
		});
	}

	@Test
	void metersCanBeSwitchedOffAsAnyOthers() {
		this.runner.withConfiguration(METRICS)
			.withPropertyValues("management.metrics.enable.crdb=false")
			.run((context) -> {
				template(context);
				assertThat(context.getBean(MeterRegistry.class).getMeters())
					.noneMatch((meter) -> meter.getId().getName().startsWith("crdb."));
			});
	}

	@Test
	void nothingIsMeteredWhenEverythingIsSwitchedOff() {
		this.runner.withConfiguration(METRICS)
			.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/x")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(MeterTransactionObserver.class));
	}

	@Test
	void theUsersObserverWins() {
		SimpleMeterRegistry users = new SimpleMeterRegistry();
		this.runner.withConfiguration(METRICS)
			.withBean("users", MeterTransactionObserver.class, () -> new MeterTransactionObserver(users))
			.run((context) -> {
				assertThat(context).hasSingleBean(MeterTransactionObserver.class);
				template(context);
				assertThat(users.get("crdb.transaction.attempts").summary().count()).isOne();
				assertThat(context.getBean(MeterRegistry.class).find("crdb.transaction.attempts").summary()).isNull();
			});
	}

	private ApplicationContextRunner withTransfers() {
		return this.runner.withConfiguration(METRICS)
			.withBean(Conflicts.class, () -> new Conflicts(this.database))
			.withBean(Transfers.class);
	}

	private static void template(AssertableApplicationContext context) {
		context.getBean(CrdbTransactionTemplate.class).executeWithoutResult((status) -> {
		});
	}

	private static void assertRetried(ApplicationContext context, String name) {
		assertThat(count(context, name)).isOne();
		MeterRegistry registry = context.getBean(MeterRegistry.class);
		assertThat(registry.get("crdb.transaction.retries").tags("name", name, "sqlstate", "40001").counter().count())
			.isOne();
		assertThat(registry.get("crdb.transaction.attempts").tag("name", name).summary().totalAmount()).isEqualTo(2);
	}

	private static long count(ApplicationContext context, String name) {
		return context.getBean(MeterRegistry.class)
			.get("crdb.transaction.duration")
			.tags("name", name, "outcome", "committed")
			.timer()
			.count();
	}

	/**
	 * Has a conflict in the first attempt.
	 */
	static class Transfers {

		private final JdbcClient jdbc;

		private final Conflicts conflicts;

		Transfers(JdbcClient jdbc, Conflicts conflicts) {
			this.jdbc = jdbc;
			this.conflicts = conflicts;
		}

		@CrdbTransactional
		void transfer() {
			conflictInTheFirstAttempt();
		}

		@Transactional
		void springs() {
			conflictInTheFirstAttempt();
		}

		private void conflictInTheFirstAttempt() {
			Conflicts.read(this.jdbc, 1);
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				this.conflicts.lostUpdate(1);
			}
			Conflicts.add(this.jdbc, 1, 5);
		}

	}

}
