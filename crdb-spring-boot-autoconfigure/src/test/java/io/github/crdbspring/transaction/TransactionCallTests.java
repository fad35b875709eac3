package io.github.crdbspring.transaction;

import java.util.concurrent.TimeUnit;

import io.github.crdbspring.transaction.TransactionObserver.Observed;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.CallKeys;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TransactionCall}: what cannot be seen through a template.
 */
class TransactionCallTests {

	@Test
	void anErrorBeforeTheAttemptGivesItsPlaceBack() throws Exception {
		LimitedAdmission admission = new LimitedAdmission("transfer", ContentionSettings.defaults());
		TransactionCall<String> call = new TransactionCall<>(CrdbTransactionOptions.builder().maxAttempts(1).build(),
				new FailingObserved(), admission, CallKeys.none(),
				new Backoff(BackoffSettings.defaults(), () -> 0, (pause) -> TimeUnit.NANOSECONDS.sleep(0)),
				(attempt) -> "done");
		call.attempt();
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(call::result);
		assertThat(admission.underWay()).isZero();
	}

	/**
	 * Fails as a log does for which there is no memory.
	 */
	private static final class FailingObserved implements Observed {

		@Override
		public void attemptStarted(TransactionAttempt attempt) {
			throw new OutOfMemoryError("made up");
		}

	}

}
