package io.github.crdbspring.metrics;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionNames;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ObservationTransactionObserver}, with real conflicts.
 */
@DatabaseTest
class ObservationTransactionObserverTests {

	private static final CrdbTransactionOptions NONE = CrdbTransactionOptions.none();

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final List<String> stopped = new ArrayList<>();

	private TestDatabase database;

	private OutcomeScenario scenario;

	@BeforeEach
	void createScenario(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.registry.observationConfig().observationHandler(new RecordingHandler(this.stopped));
		this.scenario = scenario(new ObservationTransactionObserver(this.registry, null, null));
	}

	private OutcomeScenario scenario(TransactionObserver observer) {
		return new OutcomeScenario(this.database, observer);
	}

	@AfterEach
	void closeScenario() throws Exception {
		this.scenario.close();
		assertThat(this.registry.getCurrentObservationScope()).as("left behind").isNull();
	}

	@Test
	void aTransactionIsObservedAndInsideItEachAttempt() {
		this.scenario.conflictInStatement();
		assertThatObservations().hasNumberOfObservationsEqualTo(3);
		assertThatObservations().hasObservationWithNameEqualTo("crdb.transaction")
			.that()
			.hasBeenStarted()
			.hasBeenStopped()
			.hasContextualNameEqualTo("transaction transfer")
			.hasLowCardinalityKeyValue("name", "transfer")
			.hasLowCardinalityKeyValue("outcome", "committed")
			.hasHighCardinalityKeyValue("attempts", "2")
			.doesNotHaveError();
		assertThatObservations().hasAnObservation((attempt) -> attempt.hasNameEqualTo("crdb.transaction.attempt")
			.hasHighCardinalityKeyValue("attempt", "1")
			.hasLowCardinalityKeyValue("name", "transfer")
			.hasLowCardinalityKeyValue("outcome", "rolled_back")
			.hasLowCardinalityKeyValue("sqlstate", "40001")
			.hasLowCardinalityKeyValue("reason", this.database.isCockroach() ? "RETRY_WRITE_TOO_OLD" : "OTHER")
			.hasError());
		assertThatObservations().hasAnObservation((attempt) -> attempt.hasNameEqualTo("crdb.transaction.attempt")
			.hasHighCardinalityKeyValue("attempt", "2")
			.hasLowCardinalityKeyValue("outcome", "committed")
			.hasLowCardinalityKeyValue("sqlstate", "none")
			.hasLowCardinalityKeyValue("reason", "none")
			.doesNotHaveError());
		assertThatObservations().hasHandledContextsThatSatisfy((contexts) -> {
			assertThat(contexts).hasSize(3);
			assertThat(contexts.subList(1, 3)).allSatisfy(
					(attempt) -> assertThat(attempt.getParentObservation().getContextView()).isSameAs(contexts.get(0)));
		});
		assertThat(this.stopped).containsExactly("crdb.transaction.attempt", "crdb.transaction.attempt",
				"crdb.transaction");
	}

	@Test
	void everyOutcomeIsObserved() {
		this.scenario.all();
		for (String outcome : List.of("committed", "rolled_back", "exhausted", "deadline", "ambiguous", "rejected")) {
			assertThatObservations().hasAnObservation((transaction) -> transaction.hasNameEqualTo("crdb.transaction")
				.hasLowCardinalityKeyValue("outcome", outcome));
		}
		assertThatObservations().doesNotHaveAnyRemainingCurrentScope()
			.hasNumberOfObservationsEqualTo(this.stopped.size());
	}

	@Test
	void whatTheCallerGetsIsTheErrorOfTheTransaction() {
		this.scenario.exhausted();
		assertThatObservations().hasObservationWithNameEqualTo("crdb.transaction")
			.that()
			.hasHighCardinalityKeyValue("attempts", "2")
			.thenError()
			.isInstanceOf(MaxAttemptsExceededException.class);
	}

	@Test
	void theScopeOfTheAttemptIsOpenWhileTheCallbackRuns() {
		Observation request = Observation.start("request", this.registry);
		try (Observation.Scope scope = request.openScope()) {
			this.scenario.run((status) -> {
				Observation.Context context = this.registry.getCurrentObservation().getContext();
				assertThat(context.getName()).isEqualTo("crdb.transaction.attempt");
				ObservationView transaction = context.getParentObservation();
				assertThat(transaction.getContextView().getName()).isEqualTo("crdb.transaction");
				assertThat(transaction.getContextView().getParentObservation()).isEqualTo(request);
			});
			assertThat(this.registry.getCurrentObservation()).isSameAs(request);
		}
		request.stop();
	}

	@Test
	void aJoinedTransactionIsAPartOfTheOuterOne() {
		this.scenario.joined();
		assertThatObservations().hasNumberOfObservationsEqualTo(2);
	}

	@Test
	void withoutAHandlerNothingIsObserved() {
		TransactionObserver observer = new ObservationTransactionObserver(ObservationRegistry.create(), null, null);
		assertThat(observer.start(NONE)).isSameAs(TransactionObserver.Observed.NOTHING);
		observer = new ObservationTransactionObserver(ObservationRegistry.NOOP, null, null);
		assertThat(observer.start(NONE)).isSameAs(TransactionObserver.Observed.NOTHING);
	}

	@Test
	void aHandlerThatComesLaterIsServed() throws Exception {
		ObservationRegistry later = ObservationRegistry.create();
		try (OutcomeScenario observed = scenario(new ObservationTransactionObserver(later, null, null))) {
			observed.committed();
			later.observationConfig().observationHandler(new RecordingHandler(this.stopped));
			observed.committed();
		}
		assertThat(this.stopped).containsExactly("crdb.transaction.attempt", "crdb.transaction");
	}

	@Test
	void whatAPredicateRefusesIsNotObserved() throws Exception {
		ObservationRegistry picky = ObservationRegistry.create();
		picky.observationConfig()
			.observationHandler(new RecordingHandler(this.stopped))
			.observationPredicate((name, context) -> !name.equals("crdb.transaction.attempt"));
		ObservationTransactionObserver observer = new ObservationTransactionObserver(picky, null, null);
		try (OutcomeScenario observed = scenario(observer)) {
			observed.run((status) -> assertThat(picky.getCurrentObservation().getContext().getName())
				.isEqualTo("crdb.transaction"));
		}
		assertThat(this.stopped).containsExactly("crdb.transaction");
		picky.observationConfig().observationPredicate((name, context) -> !name.startsWith("crdb."));
		assertThat(observer.start(NONE)).isSameAs(TransactionObserver.Observed.NOTHING);
	}

	@Test
	void conventionsCanBeReplaced() throws Exception {
		TransactionObserver observer = new ObservationTransactionObserver(this.registry,
				new DefaultCrdbTransactionObservationConvention() {
					@Override
					public String getName() {
						return "tx";
					}
				}, new DefaultCrdbAttemptObservationConvention() {
					@Override
					public KeyValues getLowCardinalityKeyValues(CrdbAttemptObservationContext context) {
						return KeyValues.of("first", String.valueOf(context.getAttempt().number() == 1));
					}
				});
		try (OutcomeScenario observed = scenario(observer)) {
			observed.committed();
		}
		assertThatObservations().hasObservationWithNameEqualTo("tx");
		assertThatObservations().hasObservationWithNameEqualTo("crdb.transaction.attempt")
			.that()
			.hasLowCardinalityKeyValue("first", "true")
			.doesNotHaveLowCardinalityKeyValueWithKey("name");
	}

	@Test
	void globalConventionsCount() {
		this.registry.observationConfig().observationConvention(new GlobalConvention());
		this.scenario.committed();
		assertThatObservations().hasObservationWithNameEqualTo("global.tx");
	}

	@Test
	void timersThatAreMadeOfObservationsDoNotCountInOurMeters() throws Exception {
		SimpleMeterRegistry meters = new SimpleMeterRegistry();
		ObservationRegistry observations = ObservationRegistry.create();
		observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
		try (OutcomeScenario observed = new OutcomeScenario(this.database,
				new ObservationTransactionObserver(observations, null, null), new MeterTransactionObserver(meters))) {
			observed.conflictInStatement();
		}
		assertThat(meters.get("crdb.transaction").tag("outcome", "committed").timer().count()).isOne();
		assertThat(meters.get("crdb.transaction.attempt").timers()).extracting((timer) -> timer.count())
			.containsExactly(1L, 1L);
		assertThat(meters.get("crdb.transaction.duration").tag("outcome", "committed").timer().count()).isOne();
	}

	@Test
	void computedNamesHaveALimit() {
		TransactionObserver observer = new ObservationTransactionObserver(this.registry, null, null);
		for (int i = 0; i <= TransactionNames.LIMIT; i++) {
			observer.start(CrdbTransactionOptions.builder().name("transfer" + i).build())
				.ended(null, TransactionOutcome.REJECTED, null);
		}
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThatObservations().hasAnObservation(
				(transaction) -> transaction.hasLowCardinalityKeyValue("name", "transfer" + TransactionNames.LIMIT)));
		assertThatObservations()
			.hasAnObservation((transaction) -> transaction.hasLowCardinalityKeyValue("name", "other"));
	}

	private TestObservationRegistryAssert assertThatObservations() {
		return TestObservationRegistryAssert.assertThat(this.registry);
	}

	/**
	 * Notes the names of what has ended.
	 *
	 * @param stopped the names
	 */
	private record RecordingHandler(List<String> stopped) implements ObservationHandler<Observation.Context> {

		@Override
		public void onStop(Observation.Context context) {
			this.stopped.add(context.getName());
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

	/**
	 * A convention that the registry knows.
	 */
	private static final class GlobalConvention extends DefaultCrdbTransactionObservationConvention
			implements GlobalObservationConvention<CrdbTransactionObservationContext> {

		@Override
		public String getName() {
			return "global.tx";
		}

	}

}
