package io.github.crdbspring.transaction.outcome;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A model of a transaction that leaves a mark, of two callers who find out what became of
 * it, and of everything that can happen between them. All interleavings are explored: a
 * caller is never told something that is not true, or does not stay true.
 * <p>
 * What the model takes from the database is that a primary key has one row, that a
 * statement which inserts one with the key of a pending transaction waits for that, and
 * that a transaction whose client or server is gone is given up at some time.
 */
class FenceModelTests {

	@Test
	void nobodyIsEverToldWhatIsNotTrue() {
		Explorer explorer = new Explorer(true);
		explorer.explore();
		assertThat(explorer.violations).isEmpty();
		assertThat(explorer.told).contains("A COMMITTED", "A NOT_COMMITTED", "B COMMITTED", "B NOT_COMMITTED");
		assertThat(explorer.seen).hasSizeGreaterThan(200);
	}

	@Test
	void toLookWithoutAFenceWouldNotBeEnough() {
		Explorer explorer = new Explorer(false);
		explorer.explore();
		assertThat(explorer.violations).isNotEmpty();
	}

	/**
	 * Where the transaction is.
	 */
	private enum Transaction {

		/**
		 * Its mark and COMMIT are on their way, and may get lost or be late.
		 */
		ON_ITS_WAY,

		/**
		 * The mark is inserted, and not committed.
		 */
		PENDING,

		COMMITTED,

		ABORTED

	}

	/**
	 * The committed row.
	 */
	private enum Row {

		NONE, MARK, FENCE

	}

	/**
	 * Where a caller is who finds out.
	 */
	private enum Asking {

		/**
		 * The fence has not arrived, or has to be sent again.
		 */
		SENDING,

		/**
		 * The fence was inserted or was not needed, and the answer is on its way.
		 */
		INSERTED, FOUND,

		/**
		 * The caller looks at the row.
		 */
		LOOKING,

		TOLD_COMMITTED, TOLD_NOT_COMMITTED

	}

	/**
	 * A state of all together.
	 *
	 * @param first the first caller who finds out
	 * @param second the second one
	 */
	private record State(Transaction transaction, Row row, Asking first, Asking second) {

		State with(boolean forFirst, Asking asking) {
			return forFirst ? new State(this.transaction, this.row, asking, this.second)
					: new State(this.transaction, this.row, this.first, asking);
		}

		State with(Transaction transaction, Row row) {
			return new State(transaction, row, this.first, this.second);
		}

		State with(Row row) {
			return with(this.transaction, row);
		}

	}

	private static final class Explorer {

		private final boolean fencing;

		private final Set<String> seen = new HashSet<>();

		private final Set<String> told = new HashSet<>();

		private final List<String> violations = new ArrayList<>();

		private final Set<State> states = new HashSet<>();

		Explorer(boolean fencing) {
			this.fencing = fencing;
		}

		void explore() {
			Deque<State> open = new ArrayDeque<>();
			open.add(new State(Transaction.ON_ITS_WAY, Row.NONE, Asking.SENDING, Asking.SENDING));
			while (!open.isEmpty()) {
				State state = open.remove();
				if (!this.states.add(state)) {
					continue;
				}
				check(state);
				for (State next : next(state)) {
					this.seen.add(state + " -> " + next);
					open.add(next);
				}
			}
		}

		private void check(State state) {
			check(state, "A", state.first());
			check(state, "B", state.second());
		}

		/**
		 * What is told has to be true now, and in all states that follow.
		 */
		private void check(State state, String caller, Asking asking) {
			boolean committed = state.transaction() == Transaction.COMMITTED;
			if (asking == Asking.TOLD_COMMITTED) {
				this.told.add(caller + " COMMITTED");
				if (!committed) {
					this.violations.add(state.toString());
				}
			}
			if (asking == Asking.TOLD_NOT_COMMITTED) {
				this.told.add(caller + " NOT_COMMITTED");
				if (committed) {
					this.violations.add(state.toString());
				}
			}
		}

		private List<State> next(State state) {
			List<State> next = new ArrayList<>();
			switch (state.transaction()) {
				case ON_ITS_WAY -> {
					// It arrives, whatever has happened meanwhile, or never does
					next.add(state.with((state.row() == Row.NONE) ? Transaction.PENDING : Transaction.ABORTED,
							state.row()));
					next.add(state.with(Transaction.ABORTED, state.row()));
				}
				case PENDING -> {
					next.add(state.with(Transaction.COMMITTED, Row.MARK));
					// A conflict, or the server or the client is gone and it is given up
					next.add(state.with(Transaction.ABORTED, state.row()));
				}
				default -> {
				}
			}
			addNext(next, state, true);
			addNext(next, state, false);
			return next;
		}

		private void addNext(List<State> next, State state, boolean first) {
			switch (first ? state.first() : state.second()) {
				case SENDING -> {
					State sent = send(state, first);
					if (sent != null) {
						next.add(sent);
					}
				}
				case INSERTED -> {
					next.add(state.with(first, Asking.TOLD_NOT_COMMITTED));
					// The answer is lost
					next.add(state.with(first, Asking.SENDING));
				}
				case FOUND -> {
					next.add(state.with(first, Asking.LOOKING));
					next.add(state.with(first, Asking.SENDING));
				}
				case LOOKING -> {
					next.add(look(state, first));
					next.add(state.with(first, Asking.SENDING));
				}
				default -> {
				}
			}
		}

		/**
		 * The fence arrives.
		 */
		private @Nullable State send(State state, boolean first) {
			if (!this.fencing) {
				return state.with(first, Asking.LOOKING);
			}
			if (state.transaction() == Transaction.PENDING) {
				// It waits
				return null;
			}
			return (state.row() == Row.NONE) ? state.with(Row.FENCE).with(first, Asking.INSERTED)
					: state.with(first, Asking.FOUND);
		}

		private State look(State state, boolean first) {
			return switch (state.row()) {
				case MARK -> state.with(first, Asking.TOLD_COMMITTED);
				case FENCE -> state.with(first, Asking.TOLD_NOT_COMMITTED);
				case NONE -> state.with(first, this.fencing ? Asking.SENDING : Asking.TOLD_NOT_COMMITTED);
			};
		}

	}

}
