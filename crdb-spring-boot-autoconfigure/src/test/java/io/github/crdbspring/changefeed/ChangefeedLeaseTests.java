package io.github.crdbspring.changefeed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.changefeed.OffsetStore.Stored;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestChangefeed;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for several instances with the same listener.
 */
@DatabaseTest
class ChangefeedLeaseTests {

	private ChangefeedFixture fixture;

	private OffsetStore offsets;

	@BeforeEach
	void create(TestDatabase database) {
		this.fixture = new ChangefeedFixture(database);
		this.offsets = new OffsetStore(this.fixture.template, this.fixture.id);
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void oneInstanceConsumesAndAnotherTakesOverWhenItHasGone() {
		List<String> calls = Collections.synchronizedList(new ArrayList<>());
		CrdbChangefeedContainer first = this.fixture.start(listening(calls, "first"));
		ChangefeedFixture.awaitState(first, ChangefeedState.STARTING);
		this.fixture.feed.at(1).insert("entry", 1, "{}").at(2).resolved();
		ChangefeedFixture.await(() -> calls.size() == 1);
		CrdbChangefeedContainer second = this.fixture.start(listening(calls, "second"));
		ChangefeedFixture.awaitState(second, ChangefeedState.STANDBY);
		ChangefeedFixture.await(() -> Objects.equals(second.getStatus().owner(), first.getStatus().owner()));
		first.stop();
		this.fixture.feed.at(3).insert("entry", 2, "{}").at(4).resolved();
		ChangefeedFixture.await(() -> calls.size() == 2);
		assertThat(calls).containsExactly("first", "second");
	}

	@Test
	void whoWasTakenForDeadChangesNothingMore() {
		AtomicInteger calls = new AtomicInteger();
		this.fixture.feed.at(1).insert("entry", 1, "{}").at(2).resolved();
		CrdbChangefeedContainer container = this.fixture.start(this.fixture.builder().errorHandler((failure) -> {
			assertThat(this.offsets.claim("thief", Duration.ofMillis(-1))).isNotNull();
			return ChangefeedErrorHandler.Decision.RETRY;
		}).onEvent(ChangefeedFixture.map(), (event) -> {
			this.fixture.add(1);
			if (calls.incrementAndGet() == 1) {
				throw new IllegalStateException("The first call");
			}
		}));
		ChangefeedFixture.awaitState(container, ChangefeedState.STANDBY);
		assertThat(calls).as("the second try did not get as far").hasValue(1);
		assertThat(this.fixture.sum()).isZero();
		assertThat(container.getStatus().owner()).isEqualTo("thief");
		this.offsets.release("thief");
		ChangefeedFixture.await(() -> this.fixture.sum() == 1);
	}

	@Test
	void aLeaseIsTakenOverOnlyWhenItHasRunOut() throws InterruptedException {
		assertThat(this.offsets.claim("me", ChangefeedFixture.SETTINGS.leaseDuration())).isNotNull();
		assertThat(this.offsets.claim("other", ChangefeedFixture.SETTINGS.leaseDuration())).isNull();
		assertThat(this.offsets.owner()).isEqualTo("me");
		assertThat(this.offsets.heartbeat("me")).isTrue();
		Thread.sleep(20);
		Stored taken = this.offsets.claim("other", Duration.ofMillis(10));
		assertThat(taken.epoch()).isEqualTo(2);
		assertThat(this.offsets.heartbeat("me")).isFalse();
		assertThatExceptionOfType(OffsetStore.LeaseLostException.class).isThrownBy(() -> this.offsets.stored(1));
		assertThatExceptionOfType(OffsetStore.LeaseLostException.class)
			.isThrownBy(() -> this.offsets.inTransaction(() -> this.offsets.check(1)));
	}

	@Test
	void aPositionIsChangedOnce() {
		long epoch = this.offsets.claim("me", ChangefeedFixture.SETTINGS.leaseDuration()).epoch();
		Position first = Position.at(TestChangefeed.time(1));
		List<Boolean> changed = new ArrayList<>();
		this.offsets.inTransaction(() -> changed.add(this.offsets.advance(epoch, null, first)));
		this.offsets.inTransaction(() -> changed.add(this.offsets.advance(epoch, null, first)));
		assertThat(changed).containsExactly(true, false);
		assertThatExceptionOfType(OffsetStore.PositionMovedException.class).isThrownBy(() -> this.offsets
			.inTransaction(() -> this.offsets.advance(epoch, null, Position.at(TestChangefeed.time(2)))));
	}

	private CrdbChangefeedContainer.Builder listening(List<String> calls, String name) {
		return this.fixture.builder().onEvent(ChangefeedFixture.map(), (event) -> calls.add(name));
	}

}
