package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.crdbspring.changefeed.source.ChangefeedRefusedException;
import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionPriority;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.datasource.DataSourceUtils;

/**
 * The table {@code crdb_changefeed_offset}: up to where each listener has got everything,
 * and which instance consumes. On CockroachDB position and epoch are in one column
 * family, owner and heartbeat in another, which has a column that is never null, so that
 * it is read without the first one: a heartbeat neither waits for a listener's
 * transaction, however long that takes, nor makes it fail.
 * <p>
 * Each change of the position names the one before and the epoch of the owner. So one
 * whose outcome was unknown is not made twice, and an instance that was taken for dead
 * changes nothing any more.
 */
final class OffsetStore {

	private static final Log logger = LogFactory.getLog(OffsetStore.class);

	private static final String UNDEFINED_TABLE = "42P01";

	/**
	 * There is no owner: none that could be alive.
	 */
	private static final String FREE = "(owner = '' OR owner = ? OR heartbeat_at IS NULL"
			+ " OR heartbeat_at < now() - ? * INTERVAL '1 millisecond')";

	private static final RowMapper<Stored> STORED = (result, number) -> {
		BigDecimal timestamp = result.getBigDecimal("resolved");
		return new Stored(result.getLong("epoch"),
				(timestamp != null) ? new Position(timestamp, result.getString("scanned")) : null);
	};

	private final CrdbTransactionTemplate template;

	private final JdbcTemplate jdbc;

	private final String listener;

	private final CrdbTransactionOptions options;

	private final CrdbTransactionOptions takeOver;

	private final Map<Thread, Connection> connections = new ConcurrentHashMap<>();

	private volatile boolean aborted;

	OffsetStore(CrdbTransactionTemplate template, String listener) {
		this.template = template;
		this.jdbc = new JdbcTemplate(template.getDataSource());
		this.listener = listener;
		this.options = CrdbTransactionOptions.builder().name("changefeed " + listener).build();
		this.takeOver = this.options.toBuilder().priority(TransactionPriority.HIGH).build();
	}

	/**
	 * Run something in a transaction of ours.
	 */
	void inTransaction(Runnable action) {
		execute(this.options, () -> {
			action.run();
			return Boolean.TRUE;
		});
	}

	private <T> @Nullable T execute(CrdbTransactionOptions with, Supplier<T> action) {
		if (this.aborted) {
			throw new IllegalStateException("The changefeed listener '" + this.listener + "' was ended by force");
		}
		try {
			return this.template.execute(with, (status) -> {
				Connection connection = DataSourceUtils.getConnection(this.template.getDataSource());
				DataSourceUtils.releaseConnection(connection, this.template.getDataSource());
				this.connections.put(Thread.currentThread(), connection);
				return action.get();
			});
		}
		finally {
			this.connections.remove(Thread.currentThread());
		}
	}

	/**
	 * Allow transactions, as long as they are not aborted.
	 */
	void open() {
		this.aborted = false;
	}

	/**
	 * Cut the connections of transactions that are under way, and begin no other one: the
	 * server may say nothing for long.
	 */
	void abort() {
		this.aborted = true;
		for (Connection current : this.connections.values()) {
			try {
				current.abort(Runnable::run);
			}
			catch (SQLException ex) {
				logger.debug("A connection could not be closed", ex);
			}
		}
	}

	/**
	 * Become, or stay, the instance that consumes. If the one before has not said for
	 * long that it is alive, a transaction that it has left open is aborted.
	 * @return what is stored, {@code null} if another instance consumes
	 */
	@Nullable Stored claim(String owner, Duration lease) {
		boolean[] cockroach = new boolean[1];
		// First only looks, which disturbs nobody
		Boolean free = first(own((jdbc) -> {
			cockroach[0] = Boolean.TRUE
				.equals(jdbc.execute((ConnectionCallback<Boolean>) (current) -> ServerInfo.of(current).isCockroach()));
			return jdbc.queryForList("SELECT " + FREE + " FROM crdb_changefeed_offset WHERE listener = ?",
					Boolean.class, owner, lease.toMillis(), this.listener);
		}));
		if (Boolean.FALSE.equals(free)) {
			return null;
		}
		return first(own((cockroach[0]) ? this.takeOver : this.options, (jdbc) -> {
			if (free == null) {
				jdbc.update("INSERT INTO crdb_changefeed_offset (listener, epoch) VALUES (?, 0) "
						+ "ON CONFLICT (listener) DO NOTHING", this.listener);
			}
			return jdbc.query(
					"UPDATE crdb_changefeed_offset SET owner = ?, heartbeat_at = now(), epoch = epoch + 1 "
							+ "WHERE listener = ? AND " + FREE + " RETURNING epoch, resolved, scanned",
					STORED, owner, this.listener, owner, lease.toMillis());
		}));
	}

	/**
	 * Say that the owner is alive.
	 * @return {@code false} if it is the owner no more
	 */
	boolean heartbeat(String owner) {
		return own((jdbc) -> jdbc.update(
				"UPDATE crdb_changefeed_offset SET heartbeat_at = now() WHERE listener = ? AND owner = ?",
				this.listener, owner) == 1);
	}

	void release(String owner) {
		own((jdbc) -> jdbc.update("UPDATE crdb_changefeed_offset SET owner = '' WHERE listener = ? AND owner = ?",
				this.listener, owner));
	}

	@Nullable String owner() {
		return first(own((jdbc) -> jdbc.queryForList(
				"SELECT owner FROM crdb_changefeed_offset WHERE listener = ? AND owner <> ''", String.class,
				this.listener)));
	}

	/**
	 * Read what is stored, as the owner.
	 * @throws LeaseLostException if another instance has taken over
	 */
	Stored stored(long epoch) {
		return require(epoch, first(own(this::read)));
	}

	/**
	 * Change the position, in the transaction that is active.
	 * @return {@code false} if that was done before, by a transaction of which that was
	 * not known
	 * @throws LeaseLostException if another instance has taken over
	 */
	boolean advance(long epoch, @Nullable Position from, Position to) {
		int updated = this.jdbc.update("""
				UPDATE crdb_changefeed_offset SET resolved = ?, scanned = ?
				WHERE listener = ? AND epoch = ? AND resolved IS NOT DISTINCT FROM ?::DECIMAL
					AND scanned IS NOT DISTINCT FROM ?::VARCHAR""", to.timestamp(), to.scanned(), this.listener, epoch,
				(from != null) ? from.timestamp() : null, (from != null) ? from.scanned() : null);
		if (updated == 1) {
			return true;
		}
		Stored stored = require(epoch, first(read(this.jdbc)));
		if (to.isSame(stored.position())) {
			return false;
		}
		throw new PositionMovedException(this.listener, stored.position());
	}

	/**
	 * Make sure, in the transaction that is active, that no other instance has taken
	 * over.
	 * @throws LeaseLostException if one has
	 */
	void check(long epoch) {
		require(epoch, first(read(this.jdbc)));
	}

	private List<Stored> read(JdbcTemplate jdbc) {
		return jdbc.query("SELECT epoch, resolved, scanned FROM crdb_changefeed_offset WHERE listener = ?", STORED,
				this.listener);
	}

	private Stored require(long epoch, @Nullable Stored stored) {
		if (stored == null || stored.epoch() != epoch) {
			throw new LeaseLostException(this.listener);
		}
		return stored;
	}

	private <T> T own(Function<JdbcTemplate, T> action) {
		return own(this.options, action);
	}

	private <T> T own(CrdbTransactionOptions with, Function<JdbcTemplate, T> action) {
		try {
			return Objects.requireNonNull(execute(with, () -> action.apply(this.jdbc)));
		}
		catch (DataAccessException ex) {
			if (ex.getMostSpecificCause() instanceof SQLException cause
					&& UNDEFINED_TABLE.equals(cause.getSQLState())) {
				throw (RuntimeException) new ChangefeedRefusedException(
						"The table crdb_changefeed_offset is missing, which keeps the "
								+ "position of listeners. Set crdb.changefeed.initialize-schema=always, or run the script "
								+ "classpath:io/github/crdbspring/changefeed/schema-cockroachdb.sql with your migrations")
					.initCause(ex);
			}
			throw ex;
		}
	}

	private static <T> @Nullable T first(List<T> list) {
		return list.isEmpty() ? null : list.get(0);
	}

	/**
	 * What is stored of a listener.
	 *
	 * @param epoch counts the owners
	 * @param position the position, {@code null} if there is none yet
	 */
	record Stored(long epoch, @Nullable Position position) {

	}

	/**
	 * Another instance consumes now.
	 */
	@SuppressWarnings("serial")
	static final class LeaseLostException extends RuntimeException {

		LeaseLostException(String listener) {
			super("Another instance has taken over the changefeed listener '" + listener + "'");
		}

	}

	/**
	 * Somebody else has changed the position, by hand for instance.
	 */
	@SuppressWarnings("serial")
	static final class PositionMovedException extends RuntimeException {

		PositionMovedException(String listener, @Nullable Position position) {
			super("The position of the changefeed listener '" + listener + "' was changed to " + position);
		}

	}

}
