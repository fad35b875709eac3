package io.github.crdbspring.matrix;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.ForgedError;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for errors that COMMIT is answered with: few of them say that the transaction was
 * not committed, and any other may stand for a commit that took place.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class CommitErrorTests {

	private static final Stack JDBC = new Stack(Manager.JDBC, true, false);

	private TestBed testBed;

	@BeforeAll
	void start(TestDatabase database) {
		this.testBed = new TestBed(database);
	}

	@AfterAll
	void stop() {
		this.testBed.close();
	}

	@TestFactory
	Stream<DynamicNode> anUnknownOutcomeIsToldAndNotRetried() {
		return tests(unknown().map((error) -> fault(error, Told.UNKNOWN, error.executed() ? 1 : 0, Faults.ONCE)));
	}

	@TestFactory
	Stream<DynamicNode> aCommitWhoseSchemaChangeFailedIsToldAndNotRetried() {
		return tests(Stream.of(fault(ForgedError.of("XXA00").whenExecuted(), Told.COMMITTED, 1, Faults.ONCE)));
	}

	@TestFactory
	Stream<DynamicNode> aConflictIsRetried() {
		return tests(Stream.of(fault(ForgedError.of("40001"), Told.RESULT, 1, Faults.TWICE)));
	}

	/**
	 * A violated constraint, a transaction that had failed, and an open portal.
	 */
	@TestFactory
	Stream<DynamicNode> anErrorThatIsCertainIsPassedOn() {
		return tests(Stream.of("23505", "25P02", "0A000")
			.map((code) -> fault(ForgedError.of(code), Told.ERROR_OF_THE_SERVER, 0, Faults.ONCE)));
	}

	@ParameterizedTest
	@MethodSource("unknown")
	void anUnknownOutcomeIsRetriedIfIdempotent(ForgedError error) {
		UUID token = UUID.randomUUID();
		Application application = this.testBed.application(JDBC, false);
		runTwice(application, error, CrdbTransactionOptions.builder().idempotent(true).build(),
				(attempt) -> application.jdbc()
					.sql("INSERT INTO stored_call (id, token) VALUES (?, ?) ON CONFLICT (id) DO NOTHING")
					.param(token)
					.param(token)
					.update());
		assertThat(this.testBed.rows(token)).isEqualTo(1);
	}

	@ParameterizedTest
	@MethodSource("unknown")
	void anUnknownOutcomeIsRetriedIfReadOnly(ForgedError error) {
		Application application = this.testBed.application(JDBC, false);
		runTwice(application, error, CrdbTransactionOptions.builder().readOnly(true).build(),
				(attempt) -> application.session().read());
	}

	private void runTwice(Application application, ForgedError error, CrdbTransactionOptions options,
			Consumer<Integer> work) {
		List<Integer> attempts = new ArrayList<>();
		application.template().executeWithoutResult(options, (status) -> {
			int attempt = TransactionAttempt.current().orElseThrow().number();
			attempts.add(attempt);
			work.accept(attempt);
			if (attempts.size() == 1) {
				this.testBed.proxy().failNext("COMMIT", error);
			}
		});
		assertThat(attempts).isEqualTo(Faults.TWICE);
		assertThat(application.connectionsInUse()).isZero();
	}

	/**
	 * Errors that say nothing about the outcome, each with COMMIT executed and not. A
	 * session that was cancelled is told so by an error, and then closed.
	 */
	static Stream<ForgedError> unknown() {
		Stream<ForgedError> open = Stream
			.of("40003", "08006", "57P01", "57014", "58C01", "58030", "53200", "53300", "XX000", "XXUUU", "XXC02", "",
					null)
			.map(ForgedError::of);
		Stream<ForgedError> closed = Stream.of("57P01", "57014", "XXUUU")
			.map(ForgedError::of)
			.map(ForgedError::thenClosed);
		return Stream.concat(open, closed).flatMap((error) -> Stream.of(error, error.whenExecuted()));
	}

	private static Fault fault(ForgedError error, Told told, int rows, List<Integer> attempts) {
		return Faults.fault(error.executed() ? Moment.EFFECTIVE_COMMIT : Moment.COMMIT,
				error.sqlState() + (error.closed() ? " and a closed connection" : ""), Faults.next("COMMIT", error),
				told, rows, attempts);
	}

	private Stream<DynamicNode> tests(Stream<Fault> faults) {
		List<Fault> all = faults.toList();
		return Arrays.stream(Manager.values())
			.map((manager) -> new Stack(manager, true, false))
			.flatMap((stack) -> Arrays.stream(Way.values())
				.map((way) -> DynamicContainer.dynamicContainer(stack + ": " + way, all.stream()
					.map((fault) -> DynamicTest.dynamicTest(fault.toString(), () -> verify(stack, way, fault))))));
	}

	private void verify(Stack stack, Way way, Fault fault) throws Exception {
		Call.make(this.testBed.application(stack, false), stack, way, fault).verify();
	}

}
