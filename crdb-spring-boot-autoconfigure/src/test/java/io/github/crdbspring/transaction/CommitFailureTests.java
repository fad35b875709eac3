package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.util.stream.Stream;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.InterceptedDataSource;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.transaction.TransactionFixture.RecordingObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for a COMMIT that takes effect and fails nonetheless.
 */
class CommitFailureTests extends AccountTests {

	private final RecordingObserver observer = new RecordingObserver();

	private Throwable failure;

	private final TransactionFixture fixture = new TransactionFixture(
			new CrdbDataSource(new InterceptedDataSource(database.pool(2), (call) -> {
				Object result = call.proceed();
				if (call.is("commit") && this.failure != null) {
					throw this.failure;
				}
				return result;
			})));

	static Stream<SQLException> failuresThatSayThatItTookEffect() {
		SQLException failure = new SQLException("transaction committed but schema change aborted", "XXA00");
		SQLException withLostConnection = new SQLException(failure.getMessage(), "XXA00");
		withLostConnection.setNextException(new SQLException("gone", "08006"));
		return Stream.of(failure, withLostConnection);
	}

	@ParameterizedTest
	@MethodSource("failuresThatSayThatItTookEffect")
	void whatIsCommittedIsReportedAsCommittedAndNotRepeated(SQLException commitFailure) {
		this.failure = commitFailure;
		assertThatException().isThrownBy(() -> this.fixture.template(this.observer)
			.executeWithoutResult(CrdbTransactionOptions.builder().idempotent(true).build(), (status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}));
		verifyCommitted();
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	@RequiresCockroach
	void aSchemaChangeThatFailsAfterTheCommitDoesNotUndoIt() {
		JdbcClient jdbc = database.jdbc();
		jdbc.sql("CREATE TABLE twins (id INT PRIMARY KEY, v INT)").update();
		jdbc.sql("INSERT INTO twins VALUES (1, 7), (2, 7)").update();
		assertThatException().isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
			this.fixture.attempt();
			if (database.serverInfo().supports(ServerFeature.AUTOCOMMIT_BEFORE_DDL)) {
				this.fixture.jdbc.sql("SET LOCAL autocommit_before_ddl = off").update();
			}
			this.fixture.jdbc.sql("CREATE UNIQUE INDEX ON twins (v)").update();
			Conflicts.add(this.fixture.jdbc, 1, 5);
		})).withStackTraceContaining("schema change aborted");
		verifyCommitted();
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@ParameterizedTest
	@MethodSource("errors")
	void anErrorOfTheVirtualMachineLeavesTheOutcomeUnknown(Error error) {
		this.failure = error;
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template(this.observer).executeWithoutResult((status) -> {
				this.fixture.attempt();
				Conflicts.add(this.fixture.jdbc, 1, 5);
			}))
			.satisfies((ex) -> assertThat(ex).hasRootCause(error));
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).containsExactly("failure 1 AmbiguousCommitException");
		assertThat(this.observer.ends).containsExactly("AMBIGUOUS 1");
	}

	static Stream<Error> errors() {
		return Stream.of(new OutOfMemoryError("made up"), new StackOverflowError("made up"),
				new NoClassDefFoundError("made up"));
	}

	private void verifyCommitted() {
		assertThat(this.fixture.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).containsExactly("success 1");
		assertThat(this.observer.ends).containsExactly("COMMITTED 1");
	}

}
