package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.DatabaseTest;
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

	private FakeFeed feed;

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
		this.feed.insert(3, "entry", 1, "{\"id\": 1}")
			.insert(2, "entry", 2, "{\"id\": 2}")
			.insert(3, "account", 7, "{\"id\": 7}")
			.insert(2, "entry", 2, "{\"id\": 2}")
			.insert(5, "entry", 3, "{\"id\": 3}")
			.resolved(4)
			.insert(3, "entry", 1, "{\"id\": 1}");
		this.fixture.start(transactions());
		ChangefeedFixture.await(() -> this.calls.size() == 2);
		assertThat(this.calls).containsExactly("entry2", "entry1,account7");
		this.feed.resolved(6);
		ChangefeedFixture.await(() -> this.calls.size() == 3);
		assertThat(this.calls).endsWith("entry3");
	}

	@Test
	void duplicatesAreCounted() {
		this.feed.insert(1, "entry", 1, "{}")
			.insert(1, "entry", 1, "{}")
			.resolved(2)
			.insert(1, "entry", 1, "{}")
			.resolved(3);
		CrdbChangefeedContainer container = this.fixture.start(transactions());
		ChangefeedFixture.await(() -> container.getStatus().duplicates() == 2);
		assertThat(container.getStatus().events()).isEqualTo(1);
	}

	@Test
	void onArrivalRowsComeAtOnceInOrderForEachKey() {
		this.feed.insert(3, "entry", 1, "{}")
			.insert(2, "entry", 2, "{}")
			.insert(1, "entry", 1, "{}")
			.insert(4, "entry", 1, "{}");
		CrdbChangefeedContainer container = this.fixture.start(transactions().delivery(Delivery.ARRIVAL));
		ChangefeedFixture.await(() -> this.calls.size() == 3);
		assertThat(this.calls).containsExactly("entry1", "entry2", "entry1");
		assertThat(container.getStatus().duplicates()).isEqualTo(1);
		assertThat(new BigDecimal(this.fixture.stored())).as("nothing is resolved")
			.isEqualByComparingTo(FakeFeed.time(0));
		this.feed.resolved(5);
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(FakeFeed.time(5)) == 0);
	}

	@Test
	void onlyResolvedTimesAreStoredAndTheNextStartIsFromThere() {
		this.feed.insert(1, "entry", 1, "{}").resolved(2).insert(3, "entry", 2, "{}");
		CrdbChangefeedContainer container = this.fixture.start(transactions());
		ChangefeedFixture.await(() -> this.calls.size() == 1 && this.feed.isDrained());
		container.stop();
		assertThat(container.getStatus().state()).isEqualTo(ChangefeedState.STOPPED);
		assertThat(new BigDecimal(this.fixture.stored())).isEqualByComparingTo(FakeFeed.time(2));
		container.start();
		ChangefeedFixture.await(() -> this.feed.requests.size() == 2);
		assertThat(this.feed.requests.get(0).cursor()).isEqualByComparingTo(FakeFeed.time(0));
		assertThat(this.feed.requests.get(1).cursor()).isEqualByComparingTo(FakeFeed.time(2));
		this.feed.resolved(4);
		ChangefeedFixture.await(() -> this.calls.size() == 2);
	}

	@Test
	void listenerAndPositionAreOneTransaction() {
		AtomicInteger tries = new AtomicInteger();
		this.feed.insert(1, "entry", 1, "{\"amount\": 5}").resolved(2);
		this.fixture.start(this.fixture.builder().onEvent(ChangefeedFixture.map(), (event) -> {
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
			assertThat(TransactionAttempt.current().orElseThrow().name()).contains(this.fixture.id);
			this.fixture.add(event.after().get("amount"));
			if (tries.incrementAndGet() < 3) {
				throw new IllegalStateException("Not yet");
			}
		}));
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(FakeFeed.time(2)) == 0);
		assertThat(this.fixture.sum()).isEqualTo(5);
		assertThat(tries).hasValue(3);
	}

	@Test
	void withoutTransactionThePositionFollows() {
		this.feed.insert(1, "entry", 1, "{}").resolved(2);
		this.fixture.start(this.fixture.builder()
			.transactional(false)
			.onEvent(ChangefeedFixture.map(), (event) -> this.calls
				.add("active " + TransactionSynchronizationManager.isActualTransactionActive())));
		ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(FakeFeed.time(2)) == 0);
		assertThat(this.calls).containsExactly("active false");
	}

	@Test
	void notExclusiveEveryOneGetsAllAndNothingIsStored() {
		this.feed.insert(1, "entry", 1, "{}").resolved(2);
		CrdbChangefeedContainer container = this.fixture.start(transactions().exclusive(false));
		ChangefeedFixture
			.await(() -> this.calls.size() == 1 && container.getStatus().state() == ChangefeedState.RUNNING);
		assertThat(this.fixture.stored()).isEqualTo("0");
		assertThat(container.getStatus().owner()).isNull();
	}

	@Test
	void afterADisconnectWhoIsNotExclusiveIsToldOfTheGap() {
		this.feed.insert(1, "entry", 1, "{}").resolved(2).fail("server is shutting down", "57P01");
		CrdbChangefeedContainer container = this.fixture.start(transactions().exclusive(false));
		ChangefeedFixture.await(() -> this.feed.requests.size() == 2);
		assertThat(this.feed.requests.get(1).cursor()).isEqualByComparingTo(FakeFeed.time(2));
		this.feed.insert(3, "entry", 2, "{}").resolved(4);
		ChangefeedFixture.await(() -> this.calls.size() == 2);
		assertThat(this.fixture.published).singleElement().isInstanceOfSatisfying(ChangefeedGapEvent.class, (gap) -> {
			assertThat(gap.reason()).isEqualTo(ChangefeedGapEvent.Reason.DISCONNECTED);
			assertThat(gap.from()).isEqualByComparingTo(FakeFeed.time(2));
		});
		assertThat(container.getStatus().restarts()).isEqualTo(1);
	}

	@Test
	void anInitialScanIsDeliveredInPartsAndItsProgressIsStored() {
		AtomicInteger rows = new AtomicInteger();
		for (int i = 0; i < 250; i++) {
			this.feed.insert(0, "entry", 1000 + i, "{\"amount\": 1}");
		}
		this.feed.resolved(0).resolved(1);
		List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
		CrdbChangefeedContainer container = this.fixture.start(this.fixture.builder()
			.initialScan(InitialScan.YES)
			.errorHandler((failure) -> ChangefeedErrorHandler.Decision.PAUSE)
			.onTransaction(ChangefeedFixture.map(), (events) -> {
				assertThat(events).allMatch(ChangeEvent::initialScan);
				if (rows.addAndGet(events.size()) > 150 && rows.get() < 1000) {
					rows.set(1000);
					throw new IllegalStateException("In the middle of the scan");
				}
				this.fixture.add(events.size());
				sizes.add(events.size());
			}));
		ChangefeedFixture.awaitState(container, ChangefeedState.PAUSED);
		assertThat(this.feed.requests.get(0).initialScan()).isTrue();
		assertThat(this.fixture.sum()).isEqualTo(100);
		container.resume();
		ChangefeedFixture.await(() -> this.fixture.sum() == 250);
		assertThat(this.feed.requests.get(1).initialScan()).as("the same scan").isTrue();
		assertThat(this.feed.requests.get(1).cursor()).isEqualByComparingTo(FakeFeed.time(0));
		assertThat(sizes).containsExactly(100, 100, 50);
	}

	@Test
	void anInitialScanOnlyEndsWithIt() {
		this.feed.insert(0, "entry", 1, "{}").resolved(0);
		CrdbChangefeedContainer container = this.fixture.start(transactions().initialScan(InitialScan.ONLY));
		ChangefeedFixture.awaitState(container, ChangefeedState.COMPLETED);
		ChangefeedFixture.await(() -> !container.isRunning());
		assertThat(this.calls).containsExactly("entry1");
		container.start();
		ChangefeedFixture.await(() -> !container.isRunning());
		assertThat(this.feed.requests).hasSize(1);
	}

	@Test
	void aBacklogLargerThanTheBufferIsReadInParts() {
		for (int i = 40; i >= 1; i--) {
			this.feed.insert(i, "entry", i, "{}");
		}
		this.feed.resolved(41);
		CrdbChangefeedContainer container = this.fixture
			.start(transactions().settings(ChangefeedFixture.settings(15, 1 << 20)));
		ChangefeedFixture.await(() -> this.calls.size() == 40);
		List<String> expected = new ArrayList<>();
		for (int i = 1; i <= 40; i++) {
			expected.add("entry" + i);
		}
		assertThat(this.calls).isEqualTo(expected);
		assertThat(this.feed.requests.get(1).cursor()).isEqualByComparingTo(FakeFeed.time(15));
		assertThat(container.getStatus().bufferedRows()).isLessThanOrEqualTo(15);
	}

	@Test
	void aTransactionLargerThanTheBufferIsAnErrorThatSaysSo() {
		for (int i = 0; i < 5; i++) {
			this.feed.insert(1, "entry", i, "{}");
		}
		CrdbChangefeedContainer container = this.fixture
			.start(transactions().settings(ChangefeedFixture.settings(3, 1 << 20)));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("crdb.changefeed.buffer.max-rows");
		assertThat(this.calls).isEmpty();
	}

	@Test
	void rowsThatWereWrittenWithoutBeingChangedAreLeftOut() {
		this.feed.update(1, "entry", 1, "{\"id\": 1}", "{\"id\": 1}")
			.update(2, "entry", 1, "{\"id\": 1}", "{\"id\": 2}")
			.resolved(3);
		CrdbChangefeedContainer container = this.fixture.start(transactions().before(true));
		ChangefeedFixture.await(() -> this.calls.size() == 1);
		assertThat(this.feed.requests.get(0).before()).isTrue();
		assertThat(container.getStatus().duplicates()).isEqualTo(1);
	}

	@Test
	void eventsSayWhatHasHappened() {
		List<ChangeEvent<?>> events = Collections.synchronizedList(new ArrayList<>());
		this.feed.insert(1, "entry", 1, "{\"id\": 1}")
			.update(2, "entry", 2, "null", "{\"id\": 2}")
			.update(3, "entry", 2, "{\"id\": 2}", "{\"id\": 2, \"x\": 1}")
			.update(4, "entry", 2, "{\"id\": 2}", "null")
			.delete(5, "entry", 1)
			.resolved(6);
		this.fixture.start(this.fixture.builder().onEvent(String.class, events::add));
		ChangefeedFixture.await(() -> events.size() == 5);
		assertThat(events).extracting(ChangeEvent::operation)
			.isEqualTo(
					List.of(Operation.UPSERT, Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.DELETE));
		assertThat(events.get(2).before()).isEqualTo("{\"id\": 2}");
		assertThat(events.get(4).key()).isEqualTo(Map.of("id", 1));
		assertThat(events.get(4).after()).isNull();
		assertThat(events.get(0).timestamp()).isEqualTo(FakeFeed.time(1));
		assertThat(events.get(0).instant()).isEqualTo("2023-11-14T22:13:21Z");
	}

	private CrdbChangefeedContainer.Builder transactions() {
		return this.fixture.builder()
			.tables("entry", "account")
			.onTransaction(ChangefeedFixture.map(), (events) -> this.calls
				.add(String.join(",", events.stream().map((event) -> event.table() + event.key().get("id")).toList())));
	}

}
