package io.github.crdbspring.error;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.TransactionSystemException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FailureReason}.
 */
class FailureReasonTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			TransactionRetryError: retry txn (RETRY_SERIALIZABLE - failed preemptive refresh) | RETRY_SERIALIZABLE
			TransactionRetryError: retry txn (RETRY_WRITE_TOO_OLD - WriteTooOld flag converted) | RETRY_WRITE_TOO_OLD
			WriteTooOldError: write for key /Table/52/1/1/0 at timestamp 1.0 too old | RETRY_WRITE_TOO_OLD
			TransactionRetryError: retry txn (RETRY_ASYNC_WRITE_FAILURE - missing intent) | RETRY_ASYNC_WRITE_FAILURE
			TransactionRetryError: transaction deadline exceeded by 1s | RETRY_COMMIT_DEADLINE_EXCEEDED
			TransactionAbortedError(ABORT_REASON_PUSHER_ABORTED) | ABORT_REASON_PUSHER_ABORTED
			TransactionAbortedError(ABORT_REASON_CLIENT_REJECT) | ABORT_REASON_CLIENT_REJECT
			TransactionAbortedError(ABORT_REASON_ABORTED_RECORD_FOUND) | ABORT_REASON_ABORTED_RECORD_FOUND
			TransactionAbortedError(ABORT_REASON_ABORT_SPAN) | ABORT_REASON_ABORT_SPAN
			TransactionAbortedError(ABORT_REASON_NEW_LEASE_PREVENTS_TXN) | ABORT_REASON_NEW_LEASE_PREVENTS_TXN
			TransactionAbortedError(ABORT_REASON_TIMESTAMP_CACHE_REJECTED) | ABORT_REASON_TIMESTAMP_CACHE_REJECTED
			ReadWithinUncertaintyIntervalError: read at time 1.0 | READ_WITHIN_UNCERTAINTY_INTERVAL
			forced by crdb_internal.force_retry() | INJECTED
			injected by `inject_retry_errors_enabled` session variable | INJECTED
			""")
	void aConflictHasTheReasonThatTheServerGives(String cause, String reason) {
		SQLException error = new SQLException(
				"ERROR: restart transaction: TransactionRetryWithProtoRefreshError: " + cause, "40001");
		assertThat(FailureReason.of(error)).isEqualTo(new FailureReason("40001", reason));
	}

	@ParameterizedTest
	@ValueSource(strings = { "restart transaction", "TransactionAbortedError(ABORT_REASON_OF_TOMORROW)",
			"could not serialize access due to concurrent update" })
	void unknownReasonsAreOne(String message) {
		assertThat(FailureReason.of(new SQLException(message, "40001"))).isEqualTo(new FailureReason("40001", "OTHER"));
		assertThat(FailureReason.of(new SQLException(null, "40001"))).isEqualTo(new FailureReason("40001", "OTHER"));
	}

	@Test
	void looksThroughWhatHasTheSqlStateButNotTheMessage() {
		SQLException error = new SQLException("RETRY_SERIALIZABLE", "40001");
		FailureReason expected = new FailureReason("40001", "RETRY_SERIALIZABLE");
		assertThat(FailureReason
			.of(new CannotAcquireLockException("x", new FailedTransactionCommitException("failed", "40001", error))))
			.isEqualTo(expected);
		BatchUpdateException batch = new BatchUpdateException("batch", "40001", new int[0]);
		batch.setNextException(error);
		assertThat(FailureReason.of(batch)).isEqualTo(expected);
	}

	@Test
	void aReasonCountsInAConflictOnly() {
		assertThat(FailureReason.of(new SQLException("duplicate key (RETRY_SERIALIZABLE)", "23505")))
			.isEqualTo(new FailureReason("23505", "OTHER"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "57P01" })
	void aLostConnectionHasAReasonOfItsOwn(String sqlState) {
		assertThat(FailureReason.of(new IllegalStateException(new SQLException("gone", sqlState))))
			.isEqualTo(new FailureReason(sqlState, "CONNECTION_LOST"));
	}

	@Test
	void anUnknownOutcomeHasAReasonOfItsOwn() {
		Throwable unknown = new TransactionSystemException("commit",
				new CommitOutcomeUnknownException("unknown", new SQLException("ambiguous", "40003")));
		FailureReason expected = new FailureReason("40003", "COMMIT_OUTCOME_UNKNOWN");
		assertThat(FailureReason.of(unknown)).isEqualTo(expected);
		assertThat(FailureReason.of(new AmbiguousCommitException("ambiguous", unknown))).isEqualTo(expected);
		assertThat(FailureReason.of(new CommitOutcomeUnknownException("unknown", new IOException("gone"))))
			.isEqualTo(new FailureReason(null, "COMMIT_OUTCOME_UNKNOWN"));
	}

	@Test
	void whatHasNoSqlStateHasNone() {
		FailureReason expected = new FailureReason(null, "OTHER");
		assertThat(FailureReason.of(new IllegalStateException("40001"))).isEqualTo(expected);
		assertThat(FailureReason.of(new SQLException("no state"))).isEqualTo(expected);
		assertThat(FailureReason.of(new SQLException("empty", ""))).isEqualTo(expected);
	}

}
