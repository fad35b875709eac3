package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;

import io.github.crdbspring.actuate.CrdbChangefeedHealthIndicator;
import io.github.crdbspring.actuate.CrdbChangefeedsEndpoint;
import io.github.crdbspring.changefeed.ChangeEvent;
import io.github.crdbspring.changefeed.ChangefeedContainerFactory;
import io.github.crdbspring.changefeed.ChangefeedErrorHandler;
import io.github.crdbspring.changefeed.ChangefeedState;
import io.github.crdbspring.changefeed.CrdbChangefeedContainer;
import io.github.crdbspring.changefeed.CrdbChangefeedListener;
import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestChangefeed;
import io.github.crdbspring.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbChangefeedAutoConfiguration}, and for health, endpoint and meters
 * of listeners. The feed is filled by hand.
 */
@DatabaseTest
class CrdbChangefeedAutoConfigurationTests {

	private ApplicationContextRunner runner;

	private TestDatabase database;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc().sql("DROP TABLE IF EXISTS crdb_changefeed_offset, crdb_changefeed_dead_letter").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					TransactionAutoConfiguration.class, JacksonAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, CrdbChangefeedAutoConfiguration.class,
					CrdbChangefeedActuatorAutoConfiguration.class, CrdbChangefeedMetricsAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "spring.datasource.hikari.maximum-pool-size=4",
					"crdb.changefeed.initialize-schema=always", "crdb.changefeed.retry.initial-interval=5ms",
					"crdb.changefeed.retry.max-interval=10ms", "crdb.changefeed.max-attempts=3",
					"listened.tables=entry, account", "management.endpoints.web.exposure.include=crdbchangefeeds");
	}

	@Test
	void annotatedMethodsAreCalled() {
		this.runner.withUserConfiguration(ListenerConfiguration.class).run((context) -> {
			Listener listener = context.getBean(Listener.class);
			feed(context).at(1)
				.insert("entry", 1, "{\"id\": 1, \"customer_name\": \"Ann\"}")
				.at(1)
				.insert("account", 2, "{\"id\": 2}")
				.at(2)
				.resolved();
			Awaitility.await().untilAsserted(() -> assertThat(listener.calls).hasSize(1));
			assertThat(listener.calls.get(0)).extracting(ChangeEvent::after)
				.isEqualTo(List.of(new Row(1, "Ann"), new Row(2, null)));
			assertThat(feed(context).requests().get(0).tables()).containsExactly("entry", "account");
			CrdbChangefeedRegistry registry = context.getBean(CrdbChangefeedRegistry.class);
			Awaitility.await()
				.untilAsserted(() -> assertThat(registry.find("orders").orElseThrow().getStatus().state())
					.isEqualTo(ChangefeedState.RUNNING));
		});
	}

	@Test
	void itsPositionIsInTheTable() {
		this.runner.withUserConfiguration(ListenerConfiguration.class).run((context) -> {
			Awaitility.await().untilAsserted(() -> assertThat(feed(context).requests()).hasSize(1));
			assertThat(this.database.jdbc()
				.sql("SELECT count(*) FROM crdb_changefeed_offset WHERE listener = 'orders'")
				.query(Integer.class)
				.single()).isEqualTo(1);
		});
	}

	@Test
	void theyAreNotCalledIfSwitchedOff() {
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withPropertyValues("crdb.changefeed.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CrdbChangefeedRegistry.class)
				.doesNotHaveBean(CrdbChangefeedsEndpoint.class)
				.doesNotHaveBean(CrdbChangefeedHealthIndicator.class));
	}

	@Test
	void withoutTheTableTheListenerFailsAndTheApplicationGoesOn(TestDatabase testDatabase) {
		testDatabase.jdbc().sql("DROP TABLE IF EXISTS crdb_changefeed_offset").update();
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withPropertyValues("crdb.changefeed.initialize-schema=never")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				CrdbChangefeedHealthIndicator health = context.getBean(CrdbChangefeedHealthIndicator.class);
				Awaitility.await().untilAsserted(() -> assertThat(health.health().getStatus()).isEqualTo(Status.DOWN));
				assertThat(health.health().getDetails().get("orders").toString()).contains("FAILED",
						"crdb.changefeed.initialize-schema=always");
			});
	}

	@Test
	void healthAndEndpointShowAPauseAndTheEndpointResumes() {
		this.runner.withUserConfiguration(ListenerConfiguration.class).run((context) -> {
			CrdbChangefeedHealthIndicator health = context.getBean(CrdbChangefeedHealthIndicator.class);
			CrdbChangefeedsEndpoint endpoint = context.getBean(CrdbChangefeedsEndpoint.class);
			Listener listener = context.getBean(Listener.class);
			listener.failing = true;
			feed(context).at(1).insert("entry", 1, "{\"id\": 1}").at(2).resolved();
			Awaitility.await().untilAsserted(() -> assertThat(health.health().getStatus()).isEqualTo(Status.DOWN));
			assertThat(health.health().getDetails().get("orders").toString()).contains("PAUSED", "Poison");
			assertThat(endpoint.changefeeds().listeners().get("orders").pausedByFailure()).isTrue();
			listener.failing = false;
			assertThat(endpoint.act("orders", "resume")).isNotNull();
			Awaitility.await().untilAsserted(() -> assertThat(listener.calls).hasSize(1));
			assertThat(health.health().getStatus()).isEqualTo(Status.UP);
			assertThat(endpoint.act("orders", "pause").status().id()).isEqualTo("orders");
			Awaitility.await()
				.untilAsserted(() -> assertThat(endpoint.changefeed("orders").status().state())
					.isEqualTo(ChangefeedState.PAUSED));
			assertThat(health.health().getStatus()).as("paused by hand").isEqualTo(Status.UP);
			assertThat(endpoint.act("orders", "stop").status().state()).isEqualTo(ChangefeedState.STOPPED);
			assertThat(endpoint.act("nobody", "stop")).isNull();
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.act("orders", "rewind"))
				.withMessageContaining("replay");
		});
	}

	@Test
	void deadLettersAreShownAndReplayed() {
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withPropertyValues("crdb.changefeed.error-handler=dead-letter")
			.run((context) -> {
				CrdbChangefeedsEndpoint endpoint = context.getBean(CrdbChangefeedsEndpoint.class);
				Listener listener = context.getBean(Listener.class);
				listener.failing = true;
				feed(context).at(1).insert("entry", 1, "{\"id\": 1}").at(2).resolved();
				Awaitility.await()
					.untilAsserted(() -> assertThat(endpoint.changefeed("orders").deadLetters()).hasSize(1));
				listener.failing = false;
				assertThat(endpoint.act("orders", "replay").replayed()).isEqualTo(1);
				assertThat(listener.calls).hasSize(1);
				assertThat(endpoint.changefeed("orders").deadLetters()).isEmpty();
			});
	}

	@Test
	void metersAndObservations() {
		TestObservationRegistry observations = TestObservationRegistry.create();
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean("observations", TestObservationRegistry.class, () -> observations)
			.run((context) -> {
				MeterRegistry meters = context.getBean(MeterRegistry.class);
				assertThat(meters.get("crdb.changefeed.events").tag("listener", "orders").counter().count()).isZero();
				feed(context).at(1)
					.insert("entry", 1, "{\"id\": 1}")
					.at(1)
					.insert("entry", 1, "{\"id\": 1}")
					.at(2)
					.resolved()
					.fail("57P01", "server is shutting down");
				Awaitility.await()
					.ignoreExceptions()
					.untilAsserted(
							() -> assertThat(meters.get("crdb.changefeed.restarts").counter().count()).isEqualTo(1));
				assertThat(meters.get("crdb.changefeed.events").counter().count()).isEqualTo(1);
				assertThat(meters.get("crdb.changefeed.duplicates").counter().count()).isEqualTo(1);
				assertThat(meters.get("crdb.changefeed.listener").tag("outcome", "success").timer().count())
					.isEqualTo(1);
				assertThat(meters.get("crdb.changefeed.delivery").timer().count()).isEqualTo(1);
				assertThat(meters.get("crdb.changefeed.lag").timeGauge().value()).isPositive();
				assertThat(meters.get("crdb.changefeed.buffer.rows").gauge().value()).isZero();
				assertThat(meters.get("crdb.changefeed.state").gauges().stream().mapToDouble((it) -> it.value()).sum())
					.isEqualTo(1);
				TestObservationRegistryAssert.assertThat(observations)
					.hasObservationWithNameEqualTo("crdb.changefeed.process")
					.that()
					.hasLowCardinalityKeyValue("listener", "orders")
					.hasBeenStopped();
			});
	}

	@Test
	void healthIsDownBeforeThePositionIsTooOld() {
		long behind = Duration.between(Instant.ofEpochSecond(1_700_000_001), Instant.now()).toDays();
		assertThat(healthBehind(behind * 10 / 7)).isEqualTo(Status.UP);
		assertThat(healthBehind(behind * 10 / 9)).isEqualTo(Status.DOWN);
	}

	private Status healthBehind(long keptDays) {
		List<Status> seen = new ArrayList<>();
		this.runner.withUserConfiguration(ListenerConfiguration.class).run((context) -> {
			CrdbChangefeedRegistry registry = context.getBean(CrdbChangefeedRegistry.class);
			CrdbChangefeedContainer container = registry.find("orders").orElseThrow();
			container.stop();
			feed(context).retention(Duration.ofDays(keptDays)).at(1).resolved();
			container.start();
			Awaitility.await()
				.until(() -> container.getStatus().retention() != null && container.getStatus().lag() != null);
			seen.add(context.getBean(CrdbChangefeedHealthIndicator.class).health().getStatus());
		});
		return seen.get(0);
	}

	@Test
	void badValuesStopTheStartWithThePropertyNamed() {
		refuses("crdb.changefeed.resolved-interval=10ms", "crdb.changefeed.resolved-interval");
		refuses("crdb.changefeed.lease-duration=0s", "crdb.changefeed.lease-duration");
		refuses("crdb.changefeed.buffer.max-rows=0", "crdb.changefeed.buffer.max-rows");
		refuses("crdb.changefeed.buffer.max-size=0", "crdb.changefeed.buffer.max-size");
		refuses("crdb.changefeed.retry.max-interval=1ms", "crdb.changefeed.retry.max-interval");
		refuses("crdb.changefeed.max-attempts=0", "crdb.changefeed.max-attempts");
		refuses("crdb.changefeed.shutdown-timeout=-1s", "crdb.changefeed.shutdown-timeout");
	}

	private void refuses(String property, String name) {
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withPropertyValues(property)
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("Property " + name + " "));
	}

	@Test
	void badListenersStopTheStartWithTheMethodNamed() {
		this.runner.withUserConfiguration(FeedConfiguration.class)
			.withBean(ReturningListener.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("ReturningListener.on")
				.hasMessageContaining("return void"));
		this.runner.withUserConfiguration(FeedConfiguration.class)
			.withBean(TablelessListener.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("TablelessListener.on")
				.hasMessageContaining("'tables'"));
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withBean("another", Listener.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("two changefeed listeners")
				.hasMessageContaining("orders"));
	}

	@Test
	void withoutJacksonListenersAreRefused() {
		this.runner.withClassLoader(new FilteredClassLoader(JsonMapper.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CrdbChangefeedRegistry.class));
		this.runner.withClassLoader(new FilteredClassLoader(JsonMapper.class))
			.withBean(Listener.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("spring-boot-starter-jackson"));
	}

	@Test
	void theUsersErrorHandlerWins() {
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.withBean(ChangefeedErrorHandler.class, () -> (failure) -> ChangefeedErrorHandler.Decision.SKIP)
			.run((context) -> {
				Listener listener = context.getBean(Listener.class);
				listener.failing = true;
				feed(context).at(1).insert("entry", 1, "{}").at(2).resolved();
				Awaitility.await().untilAsserted(() -> assertThat(listener.tries).hasSize(1));
				listener.failing = false;
				feed(context).at(3).insert("entry", 2, "{\"id\": 2}").at(4).resolved();
				Awaitility.await().untilAsserted(() -> assertThat(listener.calls).hasSize(1));
			});
	}

	@Test
	void containersWithoutAnnotationAreStartedToo() {
		List<ChangeEvent<String>> events = new CopyOnWriteArrayList<>();
		this.runner.withUserConfiguration(FeedConfiguration.class).run((context) -> {
			context.getBean(CrdbChangefeedRegistry.class)
				.register(context.getBean(ChangefeedContainerFactory.class)
					.builder()
					.id("programmatic")
					.tables("entry")
					.onEvent(String.class, events::add)
					.build());
			feed(context).at(1).insert("entry", 1, "{}").at(2).resolved();
			Awaitility.await().untilAsserted(() -> assertThat(events).hasSize(1));
		});
	}

	@Test
	void theSchemaIsMadeOnlyIfAskedFor() {
		this.database.jdbc().sql("DROP TABLE IF EXISTS crdb_changefeed_offset").update();
		this.runner.withUserConfiguration(FeedConfiguration.class)
			.withPropertyValues("crdb.changefeed.initialize-schema=embedded")
			.run((context) -> assertThat(tables()).isZero());
		this.runner.withUserConfiguration(FeedConfiguration.class).run((context) -> assertThat(tables()).isEqualTo(1));
	}

	@Test
	void itEndsWithTheApplication() {
		CrdbChangefeedRegistry[] registry = new CrdbChangefeedRegistry[1];
		this.runner.withUserConfiguration(ListenerConfiguration.class)
			.run((context) -> registry[0] = context.getBean(CrdbChangefeedRegistry.class));
		assertThat(registry[0].find("orders").orElseThrow().isRunning()).isFalse();
		Awaitility.await()
			.atMost(Duration.ofSeconds(5))
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("crdb-changefeed-orders")));
	}

	private int tables() {
		return this.database.jdbc()
			.sql("SELECT count(*) FROM information_schema.tables WHERE table_name = 'crdb_changefeed_offset'")
			.query(Integer.class)
			.single();
	}

	private static TestChangefeed feed(ApplicationContext context) {
		return context.getBean(TestChangefeed.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class FeedConfiguration {

		@Bean
		TestChangefeed feed() {
			return new TestChangefeed();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ListenerConfiguration extends FeedConfiguration {

		@Bean
		Listener listener() {
			return new Listener();
		}

	}

	/**
	 * Listens.
	 */
	static class Listener {

		final List<List<ChangeEvent<Row>>> calls = new CopyOnWriteArrayList<>();

		final List<Integer> tries = new CopyOnWriteArrayList<>();

		volatile boolean failing;

		@CrdbChangefeedListener(id = "#{'ord' + 'ers'}", tables = "${listened.tables}")
		void on(List<ChangeEvent<Row>> rows) {
			this.tries.add(rows.size());
			if (this.failing) {
				throw new IllegalStateException("Poison");
			}
			this.calls.add(rows);
		}

	}

	/**
	 * Returns too late.
	 */
	static class ReturningListener {

		@CrdbChangefeedListener(tables = "entry")
		Future<?> on(String row) {
			throw new UnsupportedOperationException();
		}

	}

	/**
	 * Listens to nothing.
	 */
	static class TablelessListener {

		@CrdbChangefeedListener
		void on(String row) {
		}

	}

	/**
	 * A row.
	 */
	record Row(int id, String customerName) {

	}

}
