package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.changefeed.ChangefeedErrorHandler.Decision;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.LogRecorder;
import io.github.crdbspring.test.TestChangefeed;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for failures of the listener, of the feed, and of the database beside it.
 */
@DatabaseTest
class ChangefeedFailureTests {

	private ChangefeedFixture fixture;

	private TestChangefeed feed;

	private TestDatabase database;

	private final AtomicBoolean poison = new AtomicBoolean(true);

	private final AtomicInteger tries = new AtomicInteger();

	@BeforeEach
	void create(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.fixture = new ChangefeedFixture(testDatabase);
		this.feed = this.fixture.feed;
		this.feed.at(1)
			.insert("entry", 1, "{\"amount\": 1}")
			.at(2)
			.insert("entry", 2, "{\"amount\": 10}")
			.at(3)
			.insert("entry", 3, "{\"amount\": 100}")
			.at(4)
			.resolved();
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void aPoisonRowPausesAfterTenTriesAndNothingIsSkipped() {
		CrdbChangefeedContainer container = this.fixture.start(adding());
		ChangefeedFixture.awaitState(container, ChangefeedState.PAUSED);
		assertThat(this.tries).hasValue(10);
		assertThat(this.fixture.sum()).isEqualTo(1);
		ChangefeedStatus status = container.getStatus();
		assertThat(status.pausedByFailure()).isTrue();
		assertThat(status.lastError()).contains("Poison");
		assertThat(status.owner()).as("it keeps the lease").isNotNull();
		assertThat(new BigDecimal(this.fixture.stored())).isEqualByComparingTo(TestChangefeed.time(1));
		this.poison.set(false);
		container.resume();
		ChangefeedFixture.await(() -> this.fixture.sum() == 111);
		assertThat(container.getStatus().pausedByFailure()).isFalse();
	}

	@Test
	void stopEndsTheListenerAndGivesTheLeaseBack() {
		CrdbChangefeedContainer container = this.fixture.start(adding().errorHandler(ChangefeedErrorHandler.stop()));
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		ChangefeedFixture.await(() -> !container.isRunning());
		assertThat(
				this.fixture.jdbc.sql("SELECT count(*) FROM crdb_changefeed_offset WHERE listener = ? AND owner = ''")
					.param(this.fixture.id)
					.query(Integer.class)
					.single())
			.isEqualTo(1);
	}

	@Test
	void skipGoesOnAndSaysSo() {
		try (LogRecorder log = new LogRecorder()) {
			this.fixture.start(adding().errorHandler(ChangefeedErrorHandler.after(3, Decision.SKIP)));
			ChangefeedFixture.await(() -> this.fixture.sum() == 101);
			assertThat(log.warnings()).hasSize(2).allMatch((warning) -> warning.contains("try "));
		}
		assertThat(this.tries).hasValue(3);
	}

	@Test
	void deadLettersArePutAsideWithThePositionAndReplayed() {
		CrdbChangefeedContainer container = this.fixture
			.start(adding().errorHandler(ChangefeedErrorHandler.deadLetter()));
		ChangefeedFixture.await(() -> this.fixture.sum() == 101);
		assertThat(container.getDeadLetters(10)).singleElement().satisfies((letter) -> {
			assertThat(letter.table()).isEqualTo("entry");
			assertThat(letter.key()).isEqualTo("[2]");
			assertThat(letter.error()).contains("Poison");
		});
		assertThatIllegalArgumentException().isThrownBy(container::replayDeadLetters).withMessage("Poison");
		assertThat(container.getDeadLetters(10)).as("still there").hasSize(1);
		this.poison.set(false);
		assertThat(container.replayDeadLetters()).isEqualTo(1);
		assertThat(this.fixture.sum()).isEqualTo(111);
		assertThat(container.getDeadLetters(10)).isEmpty();
	}

	@Test
	void aRowThatCannotBeReadIsAFailureOfTheListener() {
		this.feed.at(5).insert("entry", 4, "{\"amount\": \"much\"}").at(6).resolved();
		CrdbChangefeedContainer container = this.fixture.start(this.fixture.builder()
			.errorHandler(ChangefeedErrorHandler.after(1, Decision.PAUSE))
			.onEvent(Entry.class, (event) -> this.fixture.add(event.after().amount())));
		ChangefeedFixture.awaitState(container, ChangefeedState.PAUSED);
		assertThat(this.fixture.sum()).isEqualTo(111);
		assertThat(container.getStatus().lastError()).contains("much");
	}

	@Test
	void aCheckedExceptionIsSeenAsItIs() {
		List<Throwable> seen = Collections.synchronizedList(new ArrayList<>());
		CrdbChangefeedContainer container = this.fixture.start(this.fixture.builder().errorHandler((failure) -> {
			assertThat(failure.listener()).isEqualTo(this.fixture.id);
			assertThat(failure.rows()).isEqualTo(1);
			seen.add(failure.exception());
			return Decision.PAUSE;
		})
			.onEvent(ChangefeedFixture.map(),
					(event) -> ChangefeedFailureTests.<RuntimeException>sneak(new Exception("Checked"))));
		ChangefeedFixture.awaitState(container, ChangefeedState.PAUSED);
		assertThat(seen).singleElement().isExactlyInstanceOf(Exception.class);
	}

	@Test
	void aFeedThatIsLostIsOpenedAgainWithOneWarning() {
		this.poison.set(false);
		this.feed.fail("08006", "An I/O error occurred")
			.fail("57P01", "server is shutting down")
			.at(5)
			.insert("entry", 5, "{\"amount\": 1000}")
			.at(6)
			.resolved();
		try (LogRecorder log = new LogRecorder()) {
			CrdbChangefeedContainer container = this.fixture.start(adding());
			ChangefeedFixture.await(() -> this.fixture.sum() == 1111);
			ChangefeedFixture.await(() -> container.getStatus().state() == ChangefeedState.RUNNING);
			assertThat(log.warnings()).singleElement().asString().contains("has lost its feed");
		}
		assertThat(this.feed.requests()).hasSize(3);
		assertThat(this.feed.requests().get(2).cursor()).isEqualByComparingTo(TestChangefeed.time(4));
	}

	@Test
	void aSchemaChangeOpensTheFeedAgainWithoutWarning() {
		this.poison.set(false);
		this.feed.fail("55C01", "schema change occurred at 1700000005000000000.0000000000")
			.at(6)
			.insert("entry", 5, "{\"amount\": 1000}")
			.at(7)
			.resolved();
		try (LogRecorder log = new LogRecorder()) {
			this.fixture.start(adding());
			ChangefeedFixture.await(() -> this.fixture.sum() == 1111);
			assertThat(log.warnings()).isEmpty();
		}
	}

	@Test
	void anExpiredCursorFailsUnlessToldOtherwise() {
		this.poison.set(false);
		this.feed.fail("XXUUU", "batch timestamp 1700000004.0 must be after replica GC threshold 1700000005.0");
		CrdbChangefeedContainer container = this.fixture.start(adding());
		ChangefeedFixture.awaitState(container, ChangefeedState.FAILED);
		assertThat(container.getStatus().lastError()).contains("onCursorExpired", "gc.ttlseconds");
		assertThat(this.fixture.published).isEmpty();
	}

	@Test
	void anExpiredCursorCanBeSkipped() {
		this.poison.set(false);
		this.feed.fail("XXUUU", "batch timestamp 1700000004.0 must be after replica GC threshold 1700000005.0")
			.at(8)
			.insert("entry", 8, "{\"amount\": 5000}")
			.at(12)
			.insert("entry", 9, "{\"amount\": 1000}")
			.at(13)
			.resolved()
			.serverTime(0);
		CrdbChangefeedContainer.Builder builder = adding().onCursorExpired(CursorExpiredPolicy.SKIP);
		CrdbChangefeedContainer container = this.fixture.start(builder.onEvent(Entry.class, (event) -> {
			this.feed.serverTime(10);
			this.fixture.add(event.after().amount());
		}));
		ChangefeedFixture.await(() -> this.fixture.sum() == 1111);
		assertThat(this.fixture.published).singleElement()
			.isEqualTo(new ChangefeedGapEvent(this.fixture.id, TestChangefeed.time(4), TestChangefeed.time(10),
					ChangefeedGapEvent.Reason.SKIP));
		assertThat(container.getStatus().restarts()).isEqualTo(1);
	}

	@Test
	void anExpiredCursorCanLeadToAnotherScan() {
		this.poison.set(false);
		this.feed.fail("XXUUU", "batch timestamp 1700000004.0 must be after replica GC threshold 1700000005.0")
			.at(10)
			.insert("entry", 9, "{\"amount\": 1000}")
			.at(13)
			.resolved();
		List<Boolean> scans = Collections.synchronizedList(new ArrayList<>());
		this.fixture.start(adding().onCursorExpired(CursorExpiredPolicy.RESCAN).onEvent(Entry.class, (event) -> {
			this.feed.serverTime(10);
			scans.add(event.initialScan());
			this.fixture.add(event.after().amount());
		}));
		ChangefeedFixture.await(() -> this.fixture.sum() == 1111);
		assertThat(scans).containsExactly(false, false, false, true);
		assertThat(this.fixture.published).hasSize(1);
	}

	@Test
	void aCommitWhoseAnswerIsLostIsNotDoneTwice() throws Exception {
		this.poison.set(false);
		try (WireProxy proxy = this.database.proxy()) {
			HikariDataSource pool = this.database.pool(4, proxy);
			CrdbDataSource dataSource = new CrdbDataSource(pool);
			AtomicInteger calls = new AtomicInteger();
			this.fixture.start(this.fixture.builder(ChangefeedFixture.template(dataSource))
				.source(this.feed)
				.onEvent(Entry.class, (event) -> {
					calls.incrementAndGet();
					JdbcClient.create(dataSource)
						.sql("UPDATE total SET amount = amount + ? WHERE listener = ?")
						.params(event.after().amount(), this.fixture.id)
						.update();
					if (event.after().amount().intValue() == 10 && this.tries.incrementAndGet() == 1) {
						proxy.failNext("COMMIT", WireProxy.Fault.CUT_AFTER);
					}
				}));
			ChangefeedFixture.await(() -> this.fixture.sum() == 111);
			ChangefeedFixture.await(() -> new BigDecimal(this.fixture.stored()).compareTo(TestChangefeed.time(4)) == 0);
			assertThat(calls).as("calls").hasValue(3);
			assertThat(this.fixture.sum()).isEqualTo(111);
		}
	}

	@Test
	void aListenerThatIsNotUsedToBeInterruptedDoesNotHoldUpTheStop() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch leave = new CountDownLatch(1);
		ChangefeedSettings settings = new ChangefeedSettings(ChangefeedFixture.SETTINGS.resolvedInterval(),
				ChangefeedFixture.SETTINGS.leaseDuration(), 10, 1000, Duration.ZERO, Duration.ofMillis(200),
				ChangefeedFixture.SETTINGS.reconnect(), ChangefeedFixture.SETTINGS.retry());
		CrdbChangefeedContainer container = this.fixture
			.start(this.fixture.builder().settings(settings).onEvent(Entry.class, (event) -> {
				entered.countDown();
				boolean left = false;
				while (!left) {
					try {
						leave.await();
						left = true;
					}
					catch (InterruptedException ex) {
						// Goes on all the same
					}
				}
			}));
		entered.await();
		long start = System.nanoTime();
		container.stop();
		assertThat((System.nanoTime() - start) / 1_000_000).as("ms").isLessThan(3_000);
		leave.countDown();
		ChangefeedFixture.await(() -> !container.isRunning());
		assertThat(container.getStatus().events()).as("its transaction was cut").isZero();
	}

	private CrdbChangefeedContainer.Builder adding() {
		return this.fixture.builder().onEvent(Entry.class, (event) -> {
			this.fixture.add(event.after().amount());
			if (event.key().get("id").equals(2) && this.poison.get()) {
				this.tries.incrementAndGet();
				throw new IllegalArgumentException("Poison");
			}
		});
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void sneak(Throwable failure) throws E {
		throw (E) failure;
	}

	/**
	 * A row.
	 */
	record Entry(BigDecimal amount) {

	}

}
