package io.github.crdbspring.transaction;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.transaction.TransactionFixture.RecordingListener;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for listeners and observers that fail themselves: none of them may hide how the
 * transaction ended, nor keep its place.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailingListenerTests extends AccountTests {

	private static final CrdbTransactionOptions TRANSFER = CrdbTransactionOptions.builder().name("transfer").build();

	private final TransactionFixture fixture = new TransactionFixture(database.dataSource());

	private final RecordingListener told = new RecordingListener();

	private @Nullable TransactionLimit limit;

	static Stream<Throwable> failures() {
		// Kotlin and Lombok throw checked exceptions that are not declared
		return Stream.of(new IllegalStateException("out of order"), new AssertionError("out of order"),
				new IOException("out of order"));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void aCommittedTransactionHasItsResult(Throwable failure, CapturedOutput output) {
		Integer result = template(failure).execute(TRANSFER, (status) -> {
			int balance = Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
			return balance;
		});
		assertThat(result).isEqualTo(1100);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
		assertThat(this.told.events).containsExactly("retry 1", "success 2");
		assertThat(this.limit).isNotNull();
		assertThat(this.limit.underWay()).isZero();
		assertThat(output).contains("out of order");
	}

	@ParameterizedTest
	@MethodSource("failures")
	void aFailedTransactionHasItsFailure(Throwable failure, CapturedOutput output) {
		assertThatExceptionOfType(IllegalArgumentException.class)
			.isThrownBy(() -> template(failure).executeWithoutResult(TRANSFER, (status) -> {
				Conflicts.add(this.fixture.jdbc, 1, 5);
				throw new IllegalArgumentException("the callback's own");
			}))
			.withMessage("the callback's own");
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(this.told.events).containsExactly("failure 1 IllegalArgumentException");
		assertThat(this.limit).isNotNull();
		assertThat(this.limit.underWay()).isZero();
		assertThat(output).contains("out of order");
	}

	private CrdbTransactionTemplate template(Throwable failure) {
		return this.fixture.template(CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder()
					.listeners(List.of(new FailingListener(failure), this.told))
					.observers(List.of(new FailingObserver(failure)))
					.contention(ContentionSettings.defaults())
					.build());
	}

	/**
	 * Fails whatever it is told.
	 *
	 * @param failure what it throws
	 */
	private record FailingListener(Throwable failure) implements CrdbTransactionListener {

		@Override
		public void onRetry(TransactionAttempt failed, Throwable cause, Duration backoff) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

		@Override
		public void onSuccess(TransactionAttempt last) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

		@Override
		public void onFailure(TransactionAttempt last, Throwable cause) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

	}

	/**
	 * Fails whatever it is told, after it has noted the limit.
	 */
	private final class FailingObserver implements TransactionObserver, TransactionObserver.Observed {

		private final Throwable failure;

		FailingObserver(Throwable failure) {
			this.failure = failure;
		}

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return this;
		}

		@Override
		public void limitable(TransactionLimit limit) {
			FailingListenerTests.this.limit = limit;
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

		@Override
		public void attemptStarted(TransactionAttempt attempt) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

		@Override
		public void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome, @Nullable Throwable cause) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

		@Override
		public void retry(TransactionAttempt failed, Throwable cause, Duration backoff) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

		@Override
		public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable cause) {
			throw TransactionCall.<RuntimeException>unchanged(this.failure);
		}

	}

}
