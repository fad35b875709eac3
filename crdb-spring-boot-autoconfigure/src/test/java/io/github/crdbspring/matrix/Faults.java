package io.github.crdbspring.matrix;

import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.matrix.Fault.Action;
import io.github.crdbspring.test.ForgedError;
import io.github.crdbspring.test.WireFault;
import io.github.crdbspring.test.WireProxy;

import org.springframework.transaction.TransactionException;

/**
 * The faults of the matrix: a statement error, a conflict, a lost connection and a
 * timeout, at each moment at which there can be one.
 */
final class Faults {

	private static final String UPDATE = "UPDATE account";

	static final List<Integer> ONCE = List.of(1);

	static final List<Integer> TWICE = List.of(1, 2);

	private static final Action DUPLICATE = (work) -> work.execute("INSERT INTO account VALUES (1, 0)");

	private static final Action CONFLICT = (work) -> {
		work.conflicts().lostUpdate(1);
		update(work);
	};

	private static final Action REFUSAL = (work) -> {
		throw new Refusal();
	};

	private Faults() {
	}

	static Stream<Fault> of(Manager manager) {
		return Stream
			.of(inFirstStatement(), inLaterStatement(), inFlush(), inCallback(Moment.BEFORE_COMMIT),
					inCallback(Moment.BEFORE_COMMIT_EVENT), inCommit(), inEffectiveCommit(), inHibernatePostCommit(),
					inAfterCommit(), inAfterCommitEvent())
			.flatMap((faults) -> faults)
			.filter((fault) -> manager == Manager.JPA || !fault.moment().isOfJpa());
	}

	private static Stream<Fault> inFirstStatement() {
		Moment moment = Moment.FIRST_STATEMENT;
		return Stream.concat(inStatement(moment),
				Stream.of(fault(moment, "40001", inUpdate(ForgedError.of("40001")), Told.RESULT, 1, TWICE),
						timed(moment, "timeout", Work::outlastInServer, Told.DEADLINE, 0)));
	}

	private static Stream<Fault> inLaterStatement() {
		Moment moment = Moment.LATER_STATEMENT;
		return Stream.concat(inStatement(moment),
				Stream.of(fault(moment, "40001", CONFLICT, Told.RESULT, 1, TWICE),
						fault(moment, "own TransactionException", REFUSAL, Told.OWN_EXCEPTION, 0, ONCE),
						timed(moment, "timeout", Work::outlastInServer, Told.DEADLINE, 0),
						timed(moment, "timeout and 57014", (work) -> {
							work.proxy().holdNext(UPDATE, work::outlast);
							inUpdate(ForgedError.of("57014")).run(work);
						}, Told.DEADLINE, 0)));
	}

	private static Stream<Fault> inCallback(Moment moment) {
		return Stream.concat(inStatement(moment),
				Stream.of(fault(moment, "40001", CONFLICT, Told.RESULT, 1, TWICE),
						fault(moment, "own TransactionException", REFUSAL, Told.OWN_EXCEPTION, 0, ONCE),
						timed(moment, "timeout", Work::outlast, Told.DEADLINE, 0)));
	}

	private static Stream<Fault> inStatement(Moment moment) {
		return Stream.of(fault(moment, "duplicate key", DUPLICATE, Told.OWN_EXCEPTION, 0, ONCE),
				fault(moment, "lost request", inUpdate(WireProxy.Fault.CUT_BEFORE), Told.RESULT, 1, TWICE),
				fault(moment, "lost reply", inUpdate(WireProxy.Fault.CUT_AFTER), Told.RESULT, 1, TWICE));
	}

	private static Stream<Fault> inFlush() {
		Moment moment = Moment.FLUSH;
		return Stream.of(
				fault(moment, "duplicate key", next(StoredCall.INSERT, ForgedError.of("23505")),
						Told.ERROR_OF_THE_SERVER, 0, ONCE),
				fault(moment, "40001", next(StoredCall.INSERT, ForgedError.of("40001")), Told.RESULT, 1, TWICE),
				fault(moment, "lost request", next(StoredCall.INSERT, WireProxy.Fault.CUT_BEFORE), Told.RESULT, 1,
						TWICE),
				fault(moment, "lost reply", next(StoredCall.INSERT, WireProxy.Fault.CUT_AFTER), Told.RESULT, 1, TWICE),
				timed(moment, "timeout", hold(StoredCall.INSERT), Told.DEADLINE, 0));
	}

	private static Stream<Fault> inCommit() {
		Moment moment = Moment.COMMIT;
		return Stream.of(
				fault(moment, "deferred constraint", next("COMMIT", ForgedError.of("23505")), Told.ERROR_OF_THE_SERVER,
						0, ONCE),
				fault(moment, "write skew", Work::writeSkew, Told.RESULT, 1, TWICE),
				fault(moment, "40001", next("COMMIT", ForgedError.of("40001")), Told.RESULT, 1, TWICE),
				fault(moment, "40003", next("COMMIT", ForgedError.of("40003")), Told.UNKNOWN, 0, ONCE),
				fault(moment, "lost request", next("COMMIT", WireProxy.Fault.CUT_BEFORE), Told.UNKNOWN, 0, ONCE),
				timed(moment, "timeout and 40001", (work) -> {
					hold("COMMIT").run(work);
					next("COMMIT", ForgedError.of("40001")).run(work);
				}, Told.DEADLINE, 0));
	}

	private static Stream<Fault> inEffectiveCommit() {
		Moment moment = Moment.EFFECTIVE_COMMIT;
		return Stream.of(
				fault(moment, "failed schema change", next("COMMIT", ForgedError.of("XXA00").whenExecuted()),
						Told.COMMITTED, 1, ONCE),
				fault(moment, "40003", next("COMMIT", ForgedError.of("40003").whenExecuted()), Told.UNKNOWN, 1, ONCE),
				fault(moment, "lost reply", next("COMMIT", WireProxy.Fault.CUT_AFTER), Told.UNKNOWN, 1, ONCE),
				timed(moment, "timeout", hold("COMMIT"), Told.RESULT, 1));
	}

	private static Stream<Fault> inHibernatePostCommit() {
		Moment moment = Moment.HIBERNATE_POST_COMMIT;
		return Stream.of(fault(moment, "duplicate key", DUPLICATE, Told.COMMITTED, 1, ONCE),
				fault(moment, "40001", inUpdate(ForgedError.of("40001")), Told.COMMITTED, 1, ONCE),
				fault(moment, "lost request", inUpdate(WireProxy.Fault.CUT_BEFORE), Told.COMMITTED, 1, ONCE),
				fault(moment, "own TransactionException", REFUSAL, Told.COMMITTED, 1, ONCE),
				timed(moment, "timeout", Work::outlast, Told.RESULT, 1));
	}

	private static Stream<Fault> inAfterCommit() {
		Moment moment = Moment.AFTER_COMMIT;
		return Stream.of(fault(moment, "duplicate key", DUPLICATE, Told.OWN_EXCEPTION, 1, ONCE),
				fault(moment, "40001", inUpdate(ForgedError.of("40001")), Told.OWN_EXCEPTION, 1, ONCE),
				fault(moment, "lost request", inUpdate(WireProxy.Fault.CUT_BEFORE), Told.OWN_EXCEPTION, 1, ONCE),
				fault(moment, "own TransactionException", REFUSAL, Told.OWN_EXCEPTION, 1, ONCE),
				timed(moment, "timeout", Work::outlast, Told.RESULT, 1));
	}

	private static Stream<Fault> inAfterCommitEvent() {
		Moment moment = Moment.AFTER_COMMIT_EVENT;
		return Stream.of(fault(moment, "duplicate key", DUPLICATE, Told.RESULT, 1, ONCE),
				fault(moment, "40001", inUpdate(ForgedError.of("40001")), Told.RESULT, 1, ONCE),
				fault(moment, "lost request", inUpdate(WireProxy.Fault.CUT_BEFORE), Told.RESULT, 1, ONCE),
				timed(moment, "timeout", Work::outlast, Told.RESULT, 1));
	}

	private static Action inUpdate(WireFault fault) {
		return (work) -> {
			work.proxy().failNext(UPDATE, fault);
			update(work);
		};
	}

	private static void update(Work work) {
		work.execute(UPDATE + " SET balance = balance + 1 WHERE id = 1");
	}

	static Action next(String statement, WireFault fault) {
		return (work) -> work.proxy().failNext(statement, fault);
	}

	private static Action hold(String statement) {
		return (work) -> work.proxy().holdNext(statement, work::outlast);
	}

	static Fault fault(Moment moment, String name, Action action, Told told, int rows, List<Integer> attempts) {
		return new Fault(moment, name, action, told, rows, attempts, false);
	}

	private static Fault timed(Moment moment, String name, Action action, Told told, int rows) {
		return new Fault(moment, name, action, told, rows, ONCE, true);
	}

	/**
	 * An exception of the user's that looks as if it were one of the transaction
	 * manager's.
	 */
	@SuppressWarnings("serial")
	private static final class Refusal extends TransactionException {

		Refusal() {
			super("Refused by the user's own code");
		}

	}

}
