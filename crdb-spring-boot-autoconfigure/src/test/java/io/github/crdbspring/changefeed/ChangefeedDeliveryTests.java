package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestChangefeed;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what a listener gets from a feed, and when: on any database, with a feed that
 * is filled by hand.
 */
@DatabaseTest
class ChangefeedDeliveryTests {

	private ChangefeedFixture fixture;

	private TestChangefeed feed;

	private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

	@BeforeEach
	void create(TestDatabase database) {
		this.fixture = new ChangefeedFixture(database);
		this.feed = this.fixture.feed;
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void aTransactionIsDeliveredWholeInTheOrderOfCommitsAndOnce() {
		this.feed.at(3)
			.insert("entry", 1, "{\"id\": 1}")
			.at(2)
			.insert("entry", 2, "{\"id\": 2}")
			.at(3)
			.insert("account", 7, "{\"id\": 7}")
			.at(2)
			.insert("entry", 2, "{\"id\": 2}")
			.at(5)
			.insert("entry", 3, "{\"id\": 3}")
			.at(4)
			.resolved()
			.at(3)
			.insert("entry", 1, "{\"id\": 1}");
		this.fixture.start(transactions());
		ChangefeedFixture.await(() -> this.calls.size() == 2);
		assertThat(this.calls).containsExactly("entry2", "entry1,account7");
		this.feed.at(6).resolved();
		ChangefeedFixture.await(() -> this.calls.size() == 3);
		assertThat(this.calls).endsWith("entry3");
	}

	@Test
	void duplicatesAreCounted() {
		this.feed.at(1)
			.insert("entry", 1, "{}")
			.at(1)
			.insert("entry", 1, "{}")
			.at(2)
			.resolved()
			.at(1)
			.insert("entry", 1, "{}")
			.at(3)
			.resolved();
		CrdbChangefeedContainer container = this.fixture.start(transactions());
		ChangefeedFixture.await(() -> container.getStatus().duplicates() == 2);
		assertThat(container.getStatus().events()).isEqualTo(1);
	}

	@Test
	void onArrivalRowsComeAtOnceInOrderForEachKey() {
		this.feed.at(3)
			.insert("entry", 1, "{}")
			.at(2)
			.insert("entry", 2, "{}")
			.at(1)
			.insert("entry", 1, "{}")
			.at(4)
			.insert("entry", 1, "{}");
		CrdbChangefeedContainer container = this.fixture.start(transactions().delivery(Delivery.ARRIVAL));
		ChangefeedFixture.await(() -> this.calls.size() == 3);
		assertThat(this.calls).containsExactly("entry1", "entry2", "entry1");
		assertThat(container.getStatus().duplicates()).isEqualTo(1);
		assertThat(new BigDecimal(this.fixture.stored())).as("nothing is resolved")
			.isEqualByComparingTo(TestChangefeed.time(0));
		this.feed.at(5).resolved();
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(TestChangefeed.time(5)) == 0);
	}

	@Test
	void onlyResolvedTimesAreStoredAndTheNextStartIsFromThere() {
		this.feed.at(1).insert("entry", 1, "{}").at(2).resolved().at(3).insert("entry", 2, "{}");
		CrdbChangefeedContainer container = this.fixture.start(transactions());
		ChangefeedFixture.await(() -> this.calls.size() == 1 && this.feed.isRead());
		container.stop();
		assertThat(container.getStatus().state()).isEqualTo(ChangefeedState.STOPPED);
		assertThat(new BigDecimal(this.fixture.stored())).isEqualByComparingTo(TestChangefeed.time(2));
		container.start();
		ChangefeedFixture.await(() -> this.feed.requests().size() == 2);
		assertThat(this.feed.requests().get(0).cursor()).isEqualByComparingTo(TestChangefeed.time(0));
		assertThat(this.feed.requests().get(1).cursor()).isEqualByComparingTo(TestChangefeed.time(2));
		this.feed.at(4).resolved();
		ChangefeedFixture.await(() -> this.calls.size() == 2);
	}

	@Test
	void listenerAndPositionAreOneTransaction() {
		AtomicInteger tries = new AtomicInteger();
		this.feed.at(1).insert("entry", 1, "{\"amount\": 5}").at(2).resolved();
		this.fixture.start(this.fixture.builder().onEvent(ChangefeedFixture.map(), (event) -> {
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
			assertThat(TransactionAttempt.current().orElseThrow().name()).contains(this.fixture.id);
			this.fixture.add(event.after().get("amount"));
			if (tries.incrementAndGet() < 3) {
				throw new IllegalStateException("Not yet");
			}
		}));
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(TestChangefeed.time(2)) == 0);
		assertThat(this.fixture.sum()).isEqualTo(5);
		assertThat(tries).hasValue(3);
	}

	@Test
	void quickCallsShareATransaction() {
		AtomicInteger transactions = new AtomicInteger();
		for (int i = 1; i <= 50; i++) {
			this.feed.at(i).insert("entry", i, "{}").sameTransaction().insert("account", i, "{}");
		}
		this.feed.at(51).resolved();
		CrdbChangefeedContainer container = this.fixture
			.start(transactions().observers(List.of(new ChangefeedObserver() {

				@Override
				public Processing processing(String listener, int rows) {
					transactions.incrementAndGet();
					return (failure) -> assertThat(failure).isNull();
				}

			})));
		ChangefeedFixture.await(() -> this.calls.size() == 50);
		for (int i = 1; i <= 50; i++) {
			assertThat(this.calls.get(i - 1)).isEqualTo("entry" + i + ",account" + i);
		}
		ChangefeedFixture.await(() -> container.getStatus().events() == 100);
		assertThat(transactions).hasValueLessThan(50);
	}

	@Test
	void ifOneOfThemFailsNoOtherIsLeftOutOrCounts() {
		for (int i = 1; i <= 50; i++) {
			this.feed.at(i).insert("entry", i, "{\"amount\": " + i + "}");
		}
		this.feed.at(51).resolved();
		List<Integer> tries = Collections.synchronizedList(new ArrayList<>());
		this.fixture.start(this.fixture.builder().errorHandler((failure) -> {
			tries.add(failure.tries());
			return (failure.tries() < 3) ? ChangefeedErrorHandler.Decision.RETRY : ChangefeedErrorHandler.Decision.SKIP;
		}).onEvent(ChangefeedFixture.map(), (event) -> {
			this.fixture.add(event.after().get("amount"));
			if (event.key().get("id").equals(20)) {
				throw new IllegalStateException("Poison");
			}
		}));
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(TestChangefeed.time(51)) == 0);
		assertThat(this.fixture.sum()).isEqualTo(50 * 51 / 2 - 20);
		assertThat(tries).containsExactly(1, 2, 3);
	}

	@Test
	void withoutTransactionThePositionFollows() {
		this.feed.at(1).insert("entry", 1, "{}").at(2).resolved();
		this.fixture.start(this.fixture.builder()
			.transactional(false)
			.onEvent(ChangefeedFixture.map(), (event) -> this.calls
				.add("active " + TransactionSynchronizationManager.isActualTransactionActive())));
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(TestChangefeed.time(2)) == 0);
		assertThat(this.calls).containsExactly("active false");
	}

	@Test
	void notExclusiveEveryOneGetsAllAndNothingIsStored() {
		this.feed.at(1).insert("entry", 1, "{}").at(2).resolved();
		CrdbChangefeedContainer container = this.fixture.start(transactions().exclusive(false));
		ChangefeedFixture
			.await(() -> this.calls.size() == 1 && container.getStatus().state() == ChangefeedState.RUNNING);
		assertThat(this.fixture.stored()).isEqualTo("0");
		assertThat(container.getStatus().owner()).isNull();
	}

	@Test
	void afterADisconnectWhoIsNotExclusiveIsToldOfTheGap() {
		this.feed.at(1).insert("entry", 1, "{}").at(2).resolved().fail("57P01", "server is shutting down");
		CrdbChangefeedContainer container = this.fixture.start(transactions().exclusive(false));
		ChangefeedFixture.await(() -> this.feed.requests().size() == 2);
		assertThat(this.feed.requests().get(1).cursor()).isEqualByComparingTo(TestChangefeed.time(2));
		this.feed.at(3).insert("entry", 2, "{}").at(4).resolved();
		ChangefeedFixture.await(() -> this.calls.size() == 2);
		assertThat(this.fixture.published).singleElement().isInstanceOfSatisfying(ChangefeedGapEvent.class, (gap) -> {
			assertThat(gap.reason()).isEqualTo(ChangefeedGapEvent.Reason.DISCONNECTED);
			assertThat(gap.from()).isEqualByComparingTo(TestChangefeed.time(2));
		});
		assertThat(container.getStatus().restarts()).isEqualTo(1);
	}

	@Test
	void anInitialScanIsDeliveredInPartsAndItsProgressIsStored() {
		AtomicBoolean failing = new AtomicBoolean(true);
		for (int i = 0; i < 250; i++) {
			this.feed.at(0).insert("entry", 1000 + i, "{\"amount\": 1}");
		}
		this.feed.at(0).resolved().at(1).resolved();
		List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
		CrdbChangefeedContainer container = this.fixture.start(this.fixture.builder()
			.initialScan(InitialScan.YES)
			.errorHandler((failure) -> ChangefeedErrorHandler.Decision.PAUSE)
			.onTransaction(ChangefeedFixture.map(), (events) -> {
				assertThat(events).allMatch(ChangeEvent::initialScan);
				if (failing.get() && (Integer) events.get(0).key().get("id") >= 1100) {
					throw new IllegalStateException("In the middle of the scan");
				}
				this.fixture.add(events.size());
				sizes.add(events.size());
			}));
		ChangefeedFixture.awaitState(container, ChangefeedState.PAUSED);
		assertThat(this.feed.requests().get(0).initialScan()).isTrue();
		assertThat(this.fixture.sum()).isEqualTo(100);
		failing.set(false);
		container.resume();
		ChangefeedFixture.await(() -> this.fixture.sum() == 250);
		assertThat(this.feed.requests().get(1).initialScan()).as("the same scan").isTrue();
		assertThat(this.feed.requests().get(1).cursor()).isEqualByComparingTo(TestChangefeed.time(0));
		assertThat(sizes).containsExactly(100, 100, 50);
	}

	@Test
	void anInitialScanOnlyEndsWithIt() {
		this.feed.at(0).insert("entry", 1, "{}").at(0).resolved();
		CrdbChangefeedContainer container = this.fixture.start(transactions().initialScan(InitialScan.ONLY));
		ChangefeedFixture.awaitState(container, ChangefeedState.COMPLETED);
		ChangefeedFixture.await(() -> !container.isRunning());
		assertThat(this.calls).containsExactly("entry1");
		container.start();
		ChangefeedFixture.await(() -> !container.isRunning());
		assertThat(this.feed.requests()).hasSize(1);
	}

	@Test
	void aBacklogLargerThanTheBufferIsReadInParts() {
		for (int i = 40; i >= 1; i--) {
			this.feed.at(i).insert("entry", i, "{}");
		}
		this.feed.at(41).resolved();
		CrdbChangefeedContainer container = this.fixture
			.start(transactions().settings(ChangefeedFixture.settings(15, 1 << 20)));
		ChangefeedFixture.await(() -> this.calls.size() == 40);
		List<String> expected = new ArrayList<>();
		for (int i = 1; i <= 40; i++) {
			expected.add("entry" + i);
		}
		assertThat(this.calls).isEqualTo(expected);
		assertThat(this.feed.requests().get(1).cursor()).isEqualByComparingTo(TestChangefeed.time(15));
		assertThat(container.getStatus().bufferedRows()).isLessThanOrEqualTo(15);
	}

	@Test
	void aTransactionLargerThanTheBufferIsAnErrorThatSaysSo() {
		for (int i = 0; i < 5; i++) {
			this.feed.at(1).insert("entry", i, "{}");
		}
		CrdbChangefeedContainer container = this.fixture
			.start(transactions().settings(ChangefeedFixture.settings(3, 1 << 20)));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("crdb.changefeed.buffer.max-rows");
		assertThat(this.calls).isEmpty();
	}

	@Test
	void rowsThatWereWrittenWithoutBeingChangedAreLeftOut() {
		this.feed.at(1)
			.update("entry", 1, "{\"id\": 1}", "{\"id\": 1}")
			.at(2)
			.update("entry", 1, "{\"id\": 1}", "{\"id\": 2}")
			.at(3)
			.resolved();
		CrdbChangefeedContainer container = this.fixture.start(transactions().before(true));
		ChangefeedFixture.await(() -> this.calls.size() == 1);
		assertThat(this.feed.requests().get(0).before()).isTrue();
		assertThat(container.getStatus().duplicates()).isEqualTo(1);
	}

	@Test
	void eventsSayWhatHasHappened() {
		List<ChangeEvent<?>> events = Collections.synchronizedList(new ArrayList<>());
		this.feed.at(1)
			.insert("entry", 1, "{\"id\": 1}")
			.at(2)
			.update("entry", 2, "null", "{\"id\": 2}")
			.at(3)
			.update("entry", 2, "{\"id\": 2}", "{\"id\": 2, \"x\": 1}")
			.at(4)
			.update("entry", 2, "{\"id\": 2}", "null")
			.at(5)
			.delete("entry", 1)
			.at(6)
			.resolved();
		this.fixture.start(this.fixture.builder().onEvent(String.class, events::add));
		ChangefeedFixture.await(() -> events.size() == 5);
		assertThat(events).extracting(ChangeEvent::operation)
			.isEqualTo(
					List.of(Operation.UPSERT, Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.DELETE));
		assertThat(events.get(2).before()).isEqualTo("{\"id\": 2}");
		assertThat(events.get(4).key()).isEqualTo(Map.of("id", 1));
		assertThat(events.get(4).after()).isNull();
		assertThat(events.get(0).timestamp()).isEqualTo(TestChangefeed.time(1));
		assertThat(events.get(0).instant()).isEqualTo("2023-11-14T22:13:21Z");
	}

	private CrdbChangefeedContainer.Builder transactions() {
		return this.fixture.builder()
			.tables("entry", "account")
			.onTransaction(ChangefeedFixture.map(), (events) -> this.calls
				.add(String.join(",", events.stream().map((event) -> event.table() + event.key().get("id")).toList())));
	}

}
