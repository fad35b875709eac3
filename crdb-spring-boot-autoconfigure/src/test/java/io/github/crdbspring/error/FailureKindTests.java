package io.github.crdbspring.error;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.RollbackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.orm.ObjectOptimisticLockingFailureException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FailureKind}.
 */
class FailureKindTests {

	@Test
	void aConflictIsASerializationFailure() {
		assertThat(FailureKind.of(serverError("40001"))).isEqualTo(FailureKind.SERIALIZATION_FAILURE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "08000", "08003", "08006", "08007", "57P01", "57P02", "57P03" })
	void aLostConnectionIsRecognised(String sqlState) {
		assertThat(FailureKind.of(serverError(sqlState))).isEqualTo(FailureKind.CONNECTION_LOST);
	}

	@ParameterizedTest
	@CsvSource({ "0A000,cached plan must not change result type", "26000,prepared statement \"S_3\" does not exist",
			"42P05,prepared statement \"S_12\" already exists" })
	void aStaleStatementIsRecognised(String sqlState, String message) {
		SQLException error = new SQLException("ERROR: " + message, sqlState);
		assertThat(FailureKind.of(error)).isEqualTo(FailureKind.STALE_STATEMENT);
		BatchUpdateException batch = new BatchUpdateException("Batch entry 0", sqlState, new int[0]);
		batch.setNextException(error);
		assertThat(FailureKind.of(new UncategorizedSQLException("task", "SELECT", batch)))
			.isEqualTo(FailureKind.STALE_STATEMENT);
		assertThat(FailureReason.of(batch)).isEqualTo(new FailureReason(sqlState, "STALE_STATEMENT"));
	}

	/**
	 * PostgreSQL's messages come in the language of its settings.
	 */
	@Test
	void aStaleStatementIsRecognisedByItsRoutine() {
		SQLException error = new PSQLException(
				new ServerErrorMessage("SERROR\0C0A000\0Mein Plan ist veraltet\0RRevalidateCachedQuery\0"));
		assertThat(FailureKind.of(error)).isEqualTo(FailureKind.STALE_STATEMENT);
	}

	@ParameterizedTest
	@CsvSource({ "0A000,unimplemented: multiple active portals not supported",
			"26000,prepared statement \"mine\" does not exist", "42P05,prepared statement \"mine\" already exists" })
	void whatTheApplicationHasToPutRightIsNoStaleStatement(String sqlState, String message) {
		assertThat(FailureKind.of(new SQLException("ERROR: " + message, sqlState))).isEqualTo(FailureKind.OTHER);
	}

	@Test
	void aCancelledStatementIsRecognised() {
		assertThat(FailureKind.of(serverError("57014"))).isEqualTo(FailureKind.QUERY_CANCELED);
	}

	static Stream<RuntimeException> optimisticLocks() {
		return Stream.of(new OptimisticLockingFailureException("version"),
				new ObjectOptimisticLockingFailureException("version", new OptimisticLockException("version")),
				new OptimisticLockException("version"), new OptimisticLockException("version") {
				}, new RollbackException("commit", new OptimisticLockException("version")));
	}

	@ParameterizedTest
	@MethodSource("optimisticLocks")
	void aVersionThatIsOutdatedIsAnOptimisticLock(RuntimeException failure) {
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.OPTIMISTIC_LOCK);
		assertThat(FailureKind.of(new IllegalStateException(failure))).isEqualTo(FailureKind.OPTIMISTIC_LOCK);
		assertThat(FailureReason.of(failure)).isEqualTo(new FailureReason(null, "OPTIMISTIC_LOCK"));
	}

	@ParameterizedTest
	@MethodSource("optimisticLocks")
	void theOptimisticLockOfAnotherTransactionIsNone(RuntimeException failure) {
		assertThat(FailureKind.of(new MaxAttemptsExceededException("inner", Duration.ZERO, List.of(failure, failure))))
			.isEqualTo(FailureKind.OTHER);
		assertThat(FailureKind.of(new SilentRollbackException("lost", failure))).isEqualTo(FailureKind.OTHER);
	}

	@Test
	void theSqlStateBehindAnOptimisticLockCounts() {
		assertThat(FailureKind.of(new OptimisticLockingFailureException("40001", serverError("40001"))))
			.isEqualTo(FailureKind.SERIALIZATION_FAILURE);
		assertThat(FailureKind.of(new OptimisticLockException(serverError("40003")))).isEqualTo(FailureKind.OTHER);
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "40003", "40P01", "40000", "40002", "55P03", "25P02", "XXA00", "08001", "08004", "23505",
			"25006", "42601", "42501", "0A000", "53200", "53300", "53400", "57P04", "57P05", "58C00", "XX000",
			"XXUUU" })
	void anythingElseIsNoReasonToRunATransactionAgain(String sqlState) {
		SQLException failure = (sqlState == null || sqlState.isEmpty()) ? new SQLException("test", sqlState)
				: serverError(sqlState);
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.OTHER);
		assertThat(FailureKind.of(new CannotAcquireLockException("test", failure))).isEqualTo(FailureKind.OTHER);
	}

	@Test
	void onlyTheSqlStateCounts() {
		assertThat(FailureKind.of(new CannotAcquireLockException("restart transaction"))).isEqualTo(FailureKind.OTHER);
		assertThat(FailureKind.of(new SQLException("40001 restart transaction"))).isEqualTo(FailureKind.OTHER);
		assertThat(FailureKind.of(new IOException("08006"))).isEqualTo(FailureKind.OTHER);
	}

	static Stream<UnaryOperator<SQLException>> wrappings() {
		return Stream.of((ex) -> chain(new BatchUpdateException("batch", new int[0]), ex),
				(ex) -> chain(new BatchUpdateException("batch", "23505", new int[0]),
						chain(new SQLException("second", "22012"), ex)),
				(ex) -> new SQLException("wrapped", "XX000", new IOException(new IllegalStateException(ex))),
				(ex) -> new BatchUpdateException("batch", new int[0], chain(new SQLException("cause"), ex)),
				(ex) -> new FailedTransactionCommitException("failed", null, ex), (ex) -> new SQLException(
						new FailedTransactionCommitException("failed", "XX000", new SQLException(ex))));
	}

	@ParameterizedTest
	@MethodSource("wrappings")
	void looksThroughCausesAndChains(UnaryOperator<SQLException> wrapping) {
		assertThat(kindBehindSpring(wrapping.apply(serverError("40001")))).isEqualTo(FailureKind.SERIALIZATION_FAILURE);
		assertThat(kindBehindSpring(wrapping.apply(serverError("08006")))).isEqualTo(FailureKind.CONNECTION_LOST);
		assertThat(kindBehindSpring(wrapping.apply(serverError("57014")))).isEqualTo(FailureKind.QUERY_CANCELED);
		assertThat(kindBehindSpring(wrapping.apply(serverError("40003")))).isEqualTo(FailureKind.OTHER);
	}

	@Test
	void aFailedCommitStandsForTheFirstError() {
		assertThat(FailureKind.of(new FailedTransactionCommitException("failed", "40001", null)))
			.isEqualTo(FailureKind.SERIALIZATION_FAILURE);
		assertThat(FailureKind.of(new FailedTransactionCommitException("failed", "23505", serverError("23505"))))
			.isEqualTo(FailureKind.OTHER);
	}

	@Test
	void aStatementInAFailedTransactionStandsForTheFirstError() {
		PSQLException failure = serverError("25P02");
		failure.initCause(serverError("40001"));
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.SERIALIZATION_FAILURE);
	}

	@Test
	void aConflictWeighsMoreThanTheLossOfTheConnectionThatFollowed() {
		assertThat(FailureKind.of(new SQLException("rollback", "08003", serverError("40001"))))
			.isEqualTo(FailureKind.SERIALIZATION_FAILURE);
		assertThat(FailureKind.of(chain(new SQLException("cancelled", "57014"), serverError("08006"))))
			.isEqualTo(FailureKind.CONNECTION_LOST);
	}

	@Test
	void whatIsSuppressedDoesNotCount() {
		RuntimeException failure = new IllegalStateException("the user's own");
		failure.addSuppressed(serverError("40001"));
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.OTHER);
	}

	@Test
	void aCycleOfCausesEnds() {
		SQLException first = new SQLException("first");
		SQLException second = new SQLException("second", "23505", first);
		first.initCause(second);
		assertThat(FailureKind.of(new RuntimeException(first))).isEqualTo(FailureKind.OTHER);
		second.setNextException(first);
		first.setNextException(serverError("40001"));
		assertThat(FailureKind.of(new RuntimeException(first))).isEqualTo(FailureKind.SERIALIZATION_FAILURE);
	}

	@Test
	void aLongBatchIsSearchedToItsEnd() {
		BatchUpdateException batch = new BatchUpdateException("batch", new int[0]);
		for (int i = 0; i < 10_000; i++) {
			batch.setNextException(new SQLException("duplicate", "23505"));
		}
		assertThat(FailureKind.of(batch)).isEqualTo(FailureKind.OTHER);
		batch.setNextException(serverError("40001"));
		assertThat(FailureKind.of(batch)).isEqualTo(FailureKind.SERIALIZATION_FAILURE);
	}

	static Stream<UnaryOperator<SQLException>> noConnections() {
		return Stream.of(
				(ex) -> new SQLTransientConnectionException("Connection is not available, request timed out", "08001",
						ex),
				(ex) -> new SQLTransientConnectionException("Connection is not available", "08006", ex),
				(ex) -> new SQLException(new CannotGetJdbcConnectionException("Failed to obtain JDBC Connection", ex)));
	}

	@ParameterizedTest
	@MethodSource("noConnections")
	void noConnectionToBeHadIsNoLostConnection(UnaryOperator<SQLException> noConnection) {
		SQLException failure = noConnection.apply(serverError("57P01"));
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.OTHER);
		assertThat(FailureKind.of(new CannotCreateTransactionException("Could not open connection", failure)))
			.isEqualTo(FailureKind.OTHER);
	}

	static Stream<Throwable> endedTransactions() {
		List<Throwable> failures = List.of(serverError("40001"), serverError("08006"));
		return failures.stream()
			.flatMap((failure) -> Stream.of(
					new MaxAttemptsExceededException("inner", Duration.ZERO, List.of(failure, failure)),
					new TransactionDeadlineExceededException("inner", Duration.ZERO, Duration.ZERO, List.of(failure)),
					new AmbiguousCommitException("unknown", failure), new SilentRollbackException("lost", failure),
					new CommitOutcomeUnknownException("unknown", failure),
					new NestedTransactionRejectedException("rejected").initCause(failure),
					new UnsupportedTransactionOptionException("unsupported").initCause(failure)));
	}

	@ParameterizedTest
	@MethodSource("endedTransactions")
	void theEndOfOneTransactionIsNoReasonToRunAnotherAgain(Throwable failure) {
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.OTHER);
		assertThat(FailureKind.of(new IllegalStateException(failure))).isEqualTo(FailureKind.OTHER);
		assertThat(
				FailureKind.of(new TransactionSystemException("wrapped", new SQLException("next", "23505", failure))))
			.isEqualTo(FailureKind.OTHER);
	}

	@Test
	void whatLiesBesideAnEndedTransactionStillCounts() {
		SQLException failure = chain(new SQLException(new AmbiguousCommitException("unknown", serverError("08006"))),
				serverError("40001"));
		assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.SERIALIZATION_FAILURE);
	}

	private static FailureKind kindBehindSpring(SQLException failure) {
		FailureKind kind = FailureKind.of(failure);
		assertThat(FailureKind.of(new UncategorizedSQLException("task", "UPDATE", failure))).isEqualTo(kind);
		assertThat(FailureKind.of(new UnexpectedRollbackException("rolled back", new RuntimeException(failure))))
			.isEqualTo(kind);
		return kind;
	}

	private static PSQLException serverError(String sqlState) {
		return new PSQLException(new ServerErrorMessage(
				"SERROR\0C" + sqlState + "\0Mrestart transaction: test\0Hsee the documentation\0"));
	}

	private static SQLException chain(SQLException first, SQLException next) {
		first.setNextException(next);
		return first;
	}

}
