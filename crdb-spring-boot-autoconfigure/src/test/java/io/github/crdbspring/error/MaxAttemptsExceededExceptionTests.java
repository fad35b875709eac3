package io.github.crdbspring.error;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionTimedOutException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MaxAttemptsExceededException} and
 * {@link TransactionDeadlineExceededException}.
 */
class MaxAttemptsExceededExceptionTests {

	private static final SQLException FIRST = new SQLException("first", "40001");

	private static final SQLException SECOND = new SQLException("second", "40001");

	private static final SQLException THIRD = new SQLException("third", "40001");

	private static final List<Throwable> FAILURES = List.of(FIRST, SECOND, THIRD);

	private static final Duration ELAPSED = Duration.ofMillis(1234);

	private static final MaxAttemptsExceededException MAX_ATTEMPTS = new MaxAttemptsExceededException("transfer",
			ELAPSED, FAILURES);

	private static final TransactionDeadlineExceededException DEADLINE = new TransactionDeadlineExceededException(
			"transfer", Duration.ofSeconds(1), ELAPSED, FAILURES);

	private static final List<TransactionException> EXCEPTIONS = List.of(MAX_ATTEMPTS, DEADLINE);

	@Test
	void tellsHowOftenAndHowLongItWasTried() {
		assertThat(MAX_ATTEMPTS.getAttempts()).isEqualTo(3);
		assertThat(MAX_ATTEMPTS.getElapsed()).isEqualTo(ELAPSED);
		assertThat(DEADLINE.getAttempts()).isEqualTo(3);
		assertThat(DEADLINE.getElapsed()).isEqualTo(ELAPSED);
	}

	@Test
	void theMessageNamesTheTransaction() {
		assertThat(MAX_ATTEMPTS)
			.hasMessage("Transaction 'transfer' failed 3 times with a retryable error within 1234 ms; giving up");
		assertThat(DEADLINE)
			.hasMessage("Transaction 'transfer' was not committed within its timeout of 1000 ms (3 attempts, 1234 ms)");
	}

	@Test
	void theMessageDoesWithoutAName() {
		assertThat(new MaxAttemptsExceededException("", ELAPSED, List.of(FIRST, SECOND)))
			.hasMessage("Transaction failed 2 times with a retryable error within 1234 ms; giving up");
		assertThat(new TransactionDeadlineExceededException("", Duration.ofMillis(1), ELAPSED, List.of(FIRST)))
			.hasMessage("Transaction was not committed within its timeout of 1 ms (1 attempt, 1234 ms)");
	}

	@ParameterizedTest
	@FieldSource("EXCEPTIONS")
	void theCauseIsTheLastFailureAndTheEarlierOnesAreSuppressedNewestFirst(TransactionException exception) {
		assertThat(exception.getCause()).isSameAs(THIRD);
		assertThat(exception.getSuppressed()).containsExactly(SECOND, FIRST);
	}

	@Test
	void aSingleFailureIsTheCauseOnly() {
		List<Throwable> failures = List.of(FIRST);
		assertThat(new MaxAttemptsExceededException("", ELAPSED, failures)).hasNoSuppressedExceptions()
			.cause()
			.isSameAs(FIRST);
		assertThat(new TransactionDeadlineExceededException("", ELAPSED, ELAPSED, failures)).hasNoSuppressedExceptions()
			.cause()
			.isSameAs(FIRST);
	}

	@Test
	void failuresThatAreOneAndTheSameInstanceDoNoHarm() {
		MaxAttemptsExceededException exception = new MaxAttemptsExceededException("", ELAPSED,
				List.of(FIRST, FIRST, FIRST));
		assertThat(exception.getAttempts()).isEqualTo(3);
		assertThat(exception).hasStackTraceContaining("first").cause().isSameAs(FIRST);
	}

	@ParameterizedTest
	@FieldSource("EXCEPTIONS")
	void isNotTransientSoThatAnOuterRetryDoesNotMultiplyTheAttempts(TransactionException exception) {
		assertThat(exception).isNotInstanceOf(TransientDataAccessException.class)
			.isInstanceOf(CompletedTransactionFailure.class);
		assertThat(FailureKind.of(exception)).isEqualTo(FailureKind.OTHER);
	}

	@Test
	void aDeadlineIsATimeoutInSpringsSense() {
		assertThat(DEADLINE).isInstanceOf(TransactionTimedOutException.class);
		assertThat(MAX_ATTEMPTS).isNotInstanceOf(TransactionTimedOutException.class);
	}

}
