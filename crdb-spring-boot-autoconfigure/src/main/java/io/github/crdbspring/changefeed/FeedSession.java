package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import io.github.crdbspring.changefeed.Deliverer.FailedCall;
import io.github.crdbspring.changefeed.Deliverer.Progress;
import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;

/**
 * One feed, from its opening to its end: takes the rows that were read, puts them in
 * order as the delivery wants it, hands them out, and keeps the position.
 */
final class FeedSession {

	private static final Duration TICK = Duration.ofMillis(200);

	/**
	 * How many calls share a transaction of ours at most, and from how many rows on no
	 * more are added.
	 */
	private static final int MAX_TOGETHER = 64;

	private static final int MAX_ROWS_TOGETHER = 1_000;

	/**
	 * How long such a transaction may take: longer ones conflict more, and are longer in
	 * vain if one of the calls fails.
	 */
	private static final Duration TOGETHER = Duration.ofMillis(50);

	private final ContainerConfig config;

	private final OffsetStore offsets;

	private final Deliverer deliverer;

	private final SessionListener listener;

	private final @Nullable Long epoch;

	private final TransactionBuffer buffer;

	/**
	 * For each key the time of its last row, as far as it is not resolved: what comes
	 * with an earlier one comes again.
	 */
	private final Map<String, BigDecimal> arrived = new HashMap<>();

	/**
	 * What is in the table, which lags behind as long as nothing happens.
	 */
	private @Nullable Position stored;

	private Position position;

	private long storedAt = System.nanoTime();

	private long aliveAt = System.nanoTime();

	private boolean resolvedOnce;

	/**
	 * How many calls share a transaction of ours, as long as so many wait.
	 */
	private int together = 1;

	/**
	 * Create a new session.
	 * @param config what the container was made with
	 * @param offsets where the position is stored
	 * @param deliverer calls the listener
	 * @param listener is told what happens
	 * @param epoch the epoch of the owner, {@code null} if no position is stored
	 * @param position where to start, as it is stored
	 */
	FeedSession(ContainerConfig config, OffsetStore offsets, Deliverer deliverer, SessionListener listener,
			@Nullable Long epoch, Position position) {
		this.config = config;
		this.offsets = offsets;
		this.deliverer = deliverer;
		this.listener = listener;
		this.epoch = epoch;
		this.stored = position;
		this.position = position;
		this.buffer = new TransactionBuffer(config.settings().maxBufferedRows(), config.settings().maxBufferedBytes());
	}

	ChangefeedSource.Request request() {
		return new ChangefeedSource.Request(this.config.id(), this.config.tables(), this.config.query(),
				this.config.before(), this.position.timestamp(), this.position.inScan(),
				this.config.settings().resolvedInterval());
	}

	Position position() {
		return this.position;
	}

	TransactionBuffer buffer() {
		return this.buffer;
	}

	/**
	 * Consume the feed until something is to be done that this does not do.
	 * @param reader reads the feed
	 * @param goOn whether to go on
	 * @return why it has ended
	 */
	End consume(FeedReader reader, BooleanSupplier goOn) throws SQLException, InterruptedException {
		while (goOn.getAsBoolean()) {
			ChangefeedSource.Row row = reader.poll(TICK);
			if (row == null) {
				checkAlive();
				continue;
			}
			if (row.table() != null) {
				alive(this.resolvedOnce);
				accept(FeedRowParser.row(row, this.position.inScan() ? this.position.timestamp() : null));
				continue;
			}
			this.resolvedOnce = true;
			alive(false);
			End end = resolved(FeedRowParser.resolved(row), goOn);
			if (end != null) {
				return end;
			}
		}
		return End.ASKED;
	}

	/**
	 * Once there was a resolved timestamp, only another one is a sign of life. Asked only
	 * if all that was sent has been fetched, so that a slow listener is not the reason.
	 */
	private void alive(boolean onlyResolvedCounts) {
		if (!onlyResolvedCounts) {
			this.aliveAt = System.nanoTime();
		}
	}

	private void checkAlive() throws SQLException {
		Duration silence = this.config.settings().silence();
		if (System.nanoTime() - this.aliveAt > silence.toNanos()) {
			throw new SQLTransientConnectionException(
					"No resolved timestamp has come for " + silence.toMillis() + " ms", "08006");
		}
	}

	private void accept(FeedRow row) {
		if (this.position.covers(row) || (row.isUnchanged() && !row.scan())) {
			this.listener.duplicate();
			return;
		}
		if (this.config.delivery() == Delivery.RESOLVED) {
			if (!this.buffer.add(row)) {
				this.listener.duplicate();
			}
			return;
		}
		BigDecimal last = this.arrived.get(row.id());
		if (last != null && last.compareTo(row.timestamp()) >= 0) {
			this.listener.duplicate();
			return;
		}
		this.deliverer.deliver(List.of(row), arrival(), null);
		if (this.arrived.size() >= this.config.settings().maxBufferedRows()) {
			this.arrived.clear();
		}
		this.arrived.put(row.id(), row.timestamp());
		aliveAfterDelivery();
	}

	/**
	 * Time that a listener took is no time in which the feed was silent.
	 */
	private void aliveAfterDelivery() {
		this.aliveAt = System.nanoTime();
	}

	/**
	 * A row that was delivered on arrival is not past the position yet, but only the
	 * owner may deliver it.
	 */
	private Progress arrival() {
		if (this.epoch == null) {
			return Progress.NONE;
		}
		long owned = this.epoch;
		return (offsets) -> {
			offsets.check(owned);
			return true;
		};
	}

	private @Nullable End resolved(BigDecimal resolved, BooleanSupplier goOn) {
		if (resolved.compareTo(this.position.timestamp()) < 0) {
			return null;
		}
		List<Call> calls = next(resolved);
		while (!calls.isEmpty()) {
			if (!deliver(calls, goOn)) {
				return End.ASKED;
			}
			calls = next(resolved);
		}
		aliveAfterDelivery();
		if (this.buffer.hasForgotten(resolved)) {
			return End.OVERFLOW;
		}
		return past(resolved);
	}

	/**
	 * Take the next calls that are to share a transaction of ours.
	 */
	private List<Call> next(BigDecimal resolved) {
		List<Call> calls = new ArrayList<>();
		int count = 0;
		while (calls.size() < this.together && count < MAX_ROWS_TOGETHER && this.buffer.hasBefore(resolved)) {
			List<FeedRow> rows = this.buffer.poll(resolved);
			calls.add(new Call(rows, after(rows.get(rows.size() - 1), resolved)));
			count += rows.size();
		}
		return calls;
	}

	/**
	 * Deliver calls together. If one of them fails, each has a transaction of its own, so
	 * that only that one is tried again.
	 * @return {@code false} if it was asked to end
	 */
	private boolean deliver(List<Call> calls, BooleanSupplier goOn) {
		long begin = System.nanoTime();
		FailedCall failed = null;
		if (calls.size() > 1) {
			Position last = calls.get(calls.size() - 1).next();
			failed = this.deliverer.deliverTogether(calls.stream().map(Call::rows).toList(), progress(last));
			if (failed == null) {
				reached(last, true);
				adapt(System.nanoTime() - begin);
				return goOn.getAsBoolean();
			}
			this.together = 1;
		}
		for (int i = 0; i < calls.size(); i++) {
			Call call = calls.get(i);
			Throwable earlier = (failed != null && failed.number() == i) ? failed.failure() : null;
			this.deliverer.deliver(call.rows(), progress(call.next()), earlier);
			reached(call.next(), true);
			if (!goOn.getAsBoolean()) {
				return false;
			}
		}
		if (calls.size() == 1) {
			adapt(System.nanoTime() - begin);
		}
		return true;
	}

	private void adapt(long nanos) {
		if (nanos > TOGETHER.toNanos()) {
			this.together = Math.max(1, this.together / 2);
		}
		else if (this.config.isTransaction()) {
			this.together = Math.min(MAX_TOGETHER, this.together * 2);
		}
	}

	private Position after(FeedRow last, BigDecimal resolved) {
		if (!this.buffer.hasBefore(resolved) && !this.buffer.hasForgotten(resolved)) {
			return Position.at(resolved);
		}
		return last.scan() ? new Position(last.timestamp(), last.id()) : Position.at(last.timestamp());
	}

	/**
	 * Everything up to a resolved timestamp is delivered.
	 */
	private @Nullable End past(BigDecimal resolved) {
		boolean scanDone = this.stored != null && this.stored.inScan();
		Position next = Position.at(resolved);
		this.arrived.values().removeIf((timestamp) -> timestamp.compareTo(resolved) <= 0);
		boolean due = System.nanoTime() - this.storedAt >= this.config.settings().checkpointInterval().toNanos();
		if (this.epoch != null && (scanDone || due) && !next.isSame(this.stored)) {
			progress(next).advance(this.offsets);
			reached(next, true);
		}
		else {
			reached(next, this.epoch == null);
		}
		boolean over = this.config.initialScan() == InitialScan.ONLY;
		return over ? End.COMPLETED : null;
	}

	private Progress progress(Position next) {
		if (this.epoch == null) {
			return Progress.NONE;
		}
		long owned = this.epoch;
		Position from = this.stored;
		return (offsets) -> offsets.advance(owned, from, next);
	}

	private void reached(Position next, boolean isStored) {
		this.position = next;
		if (isStored) {
			this.stored = next;
			this.storedAt = System.nanoTime();
		}
		this.listener.reached(next);
	}

	/**
	 * Store how far it has come, at its end.
	 */
	void checkpoint() {
		if (this.epoch != null && !this.position.isSame(this.stored)) {
			progress(this.position).advance(this.offsets);
			this.stored = this.position;
		}
	}

	/**
	 * Why a session has ended without a failure.
	 */
	enum End {

		/**
		 * It was asked to end.
		 */
		ASKED,

		/**
		 * More rows have come than the buffer may hold: the rest has to be read again.
		 */
		OVERFLOW,

		/**
		 * There is nothing more to do.
		 */
		COMPLETED

	}

	/**
	 * What one call is for.
	 *
	 * @param rows its rows
	 * @param next the position that is reached with it
	 */
	private record Call(List<FeedRow> rows, Position next) {

	}

	/**
	 * Is told what happens.
	 */
	interface SessionListener {

		void duplicate();

		void reached(Position position);

	}

}
