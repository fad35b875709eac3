package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.metrics.CrdbAttemptObservationConvention;
import io.github.crdbspring.metrics.CrdbTransactionObservationConvention;
import io.github.crdbspring.metrics.DefaultCrdbAttemptObservationConvention;
import io.github.crdbspring.metrics.DefaultCrdbTransactionObservationConvention;
import io.github.crdbspring.metrics.MeterTransactionObserver;
import io.github.crdbspring.metrics.ObservationTransactionObserver;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbObservationAutoConfiguration}.
 */
@DatabaseTest
class CrdbObservationAutoConfigurationTests {

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase database) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, CrdbMetricsAutoConfiguration.class,
					CrdbObservationAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), "spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.hikari.minimum-idle=0");
	}

	@Test
	void transactionsAreObserved() {
		observing().run((context) -> {
			template(context);
			TestObservationRegistryAssert.assertThat(this.registry)
				.hasNumberOfObservationsEqualTo(2)
				.hasObservationWithNameEqualTo("crdb.transaction.attempt")
				.that()
				.hasLowCardinalityKeyValue("outcome", "committed");
		});
	}

	@Test
	void conventionsThatAreBeansAreUsed() {
		observing().withBean(CrdbTransactionObservationConvention.class, () -> new Renamed())
			.withBean(CrdbAttemptObservationConvention.class, () -> new RenamedAttempt())
			.run((context) -> {
				template(context);
				TestObservationRegistryAssert.assertThat(this.registry)
					.hasAnObservation((transaction) -> transaction.hasNameEqualTo("tx"))
					.hasObservationWithNameEqualTo("tx.attempt");
			});
	}

	@Test
	void observationsCanBeSwitchedOffAsAnyOthers() {
		this.runner
			.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class, MetricsAutoConfiguration.class,
					CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class))
			.run((context) -> {
				template(context);
				assertThat(context.getBean(MeterRegistry.class).find("crdb.transaction").timers()).hasSize(1);
			});
		this.runner
			.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class, MetricsAutoConfiguration.class,
					CompositeMeterRegistryAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class))
			.withPropertyValues("management.observations.enable.crdb=false")
			.run((context) -> {
				template(context);
				assertThat(context.getBean(MeterRegistry.class).find("crdb.transaction").timers()).isEmpty();
				assertThat(context.getBean(MeterRegistry.class).find("crdb.transaction.duration").timers())
					.isNotEmpty();
			});
	}

	@Test
	void metersAreRecordedInTheScopeOfTheTransaction() {
		observing().withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> assertThat(context.getBeanProvider(TransactionObserver.class).orderedStream())
				.hasExactlyElementsOfTypes(ObservationTransactionObserver.class, MeterTransactionObserver.class));
	}

	@Test
	void withoutARegistryNothingIsObserved() {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(ObservationTransactionObserver.class);
			template(context);
		});
	}

	@Test
	void withoutMicrometerNothingIsObserved() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean("crdbObservationTransactionObserver");
			template(context);
		});
	}

	@Test
	void nothingIsObservedWhenEverythingIsSwitchedOff() {
		observing().withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/x")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ObservationTransactionObserver.class));
	}

	@Test
	void theUsersObserverWins() {
		observing()
			.withBean("users", ObservationTransactionObserver.class,
					() -> new ObservationTransactionObserver(ObservationRegistry.NOOP, null, null))
			.run((context) -> {
				assertThat(context).hasSingleBean(ObservationTransactionObserver.class);
				template(context);
				TestObservationRegistryAssert.assertThat(this.registry).doesNotHaveAnyObservation();
			});
	}

	private ApplicationContextRunner observing() {
		return this.runner.withBean(ObservationRegistry.class, () -> this.registry);
	}

	private static void template(AssertableApplicationContext context) {
		context.getBean(CrdbTransactionTemplate.class).executeWithoutResult((status) -> {
		});
	}

	static class Renamed extends DefaultCrdbTransactionObservationConvention {

		@Override
		public String getName() {
			return "tx";
		}

	}

	static class RenamedAttempt extends DefaultCrdbAttemptObservationConvention {

		@Override
		public String getName() {
			return "tx.attempt";
		}

	}

}
