package io.github.crdbspring.jdbc;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.crdbspring.error.ConnectionLimitExceededException;
import io.github.crdbspring.error.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * Tells a connection that was lost from one that ended for a limit that was set for it,
 * and which would end for it the next time, too. CockroachDB of most versions closes such
 * a connection without a word, so that it takes what the client knows to tell.
 *
 * @param cockroach whether the server is CockroachDB
 * @param idleInTransaction how long a transaction may be idle as far as the session's
 * settings are known, {@code null} if there is no limit
 */
record ConnectionLimits(boolean cockroach, @Nullable Duration idleInTransaction) {

	private static final String IDLE_IN_TRANSACTION = "idle_in_transaction_session_timeout";

	private static final Pattern DURATION = Pattern.compile("(?<amount>\\d{1,9}(?:\\.\\d{1,9})?)\\s*(?<unit>[a-z]*)");

	private static final Map<String, Duration> UNITS = Map.of("us", Duration.ofNanos(1_000), "", Duration.ofMillis(1),
			"ms", Duration.ofMillis(1), "s", Duration.ofSeconds(1), "min", Duration.ofMinutes(1), "m",
			Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1));

	private static final String MESSAGE_SETTING = "sql.conn.max_read_buffer_message_size";

	/**
	 * CockroachDB's default for what one message may have. Old versions close the
	 * connection, others answer with an error that names the setting.
	 */
	private static final long MESSAGE_SIZE = 16 << 20;

	/**
	 * Create limits for what customizers set on each session.
	 */
	static ConnectionLimits of(@Nullable ServerInfo serverInfo, List<CrdbConnectionCustomizer> customizers) {
		Duration idle = customizers.stream()
			.map((customizer) -> customizer.sessionVariables().get(IDLE_IN_TRANSACTION))
			.filter(Objects::nonNull)
			.reduce((first, last) -> last)
			.map(ConnectionLimits::parse)
			.orElse(null);
		return new ConnectionLimits(serverInfo != null && serverInfo.isCockroach(), idle);
	}

	/**
	 * Read a duration as the server does, as far as these are written usually.
	 * @return the duration, {@code null} if there is none or it is not known
	 */
	private static @Nullable Duration parse(String text) {
		Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
		Duration unit = matcher.matches() ? UNITS.get(matcher.group("unit")) : null;
		if (unit == null) {
			return null;
		}
		Duration duration = Duration.ofNanos((long) (Double.parseDouble(matcher.group("amount")) * unit.toNanos()));
		return duration.isZero() ? null : duration;
	}

	/**
	 * Explain why a connection is gone, if that is for a limit.
	 * @param failure what a statement failed with, which ended the connection
	 * @param size about how many bytes the largest message of the statement had
	 * @param idle how long the transaction had been idle before the statement,
	 * {@code null} if that is not known
	 * @return another exception, or the same if it is for no limit that is known
	 */
	SQLException explain(SQLException failure, long size, @Nullable Duration idle) {
		if (isIdleTimeout(failure)
				|| (idle != null && this.idleInTransaction != null && idle.compareTo(this.idleInTransaction) >= 0)) {
			return new ConnectionLimitExceededException("The server ended the session, since the transaction had been "
					+ "idle for longer than " + IDLE_IN_TRANSACTION
					+ ((this.idleInTransaction != null) ? " (" + this.idleInTransaction.toMillis() + " ms) lets it"
							: " lets it")
					+ ((idle != null) ? ": there were " + idle.toMillis() + " ms before this statement" : "")
					+ ". Do what takes so long outside of the transaction, or raise that session variable: "
					+ failure.getMessage(), failure);
		}
		if (causedBySocketTimeout(failure)) {
			return new ConnectionLimitExceededException(
					"The client's socket timeout passed before the server answered, "
							+ "and the driver closed the connection; the server may be at work on the statement still. Raise "
							+ "socketTimeout in the URL, or bound statements from the server's side, where they end in an "
							+ "error of their own: with the session variable statement_timeout, or a timeout of the "
							+ "transaction: " + failure.getMessage(),
					failure);
		}
		if (this.cockroach
				&& (size >= MESSAGE_SIZE || String.valueOf(failure.getMessage()).contains(MESSAGE_SETTING))) {
			return new ConnectionLimitExceededException("The connection was given up after a statement of about "
					+ (size >> 20) + " MiB. CockroachDB takes messages of up to 16 MiB, unless the cluster setting "
					+ MESSAGE_SETTING + " says otherwise. Send the value in parts, or raise that setting: "
					+ failure.getMessage(), failure);
		}
		return failure;
	}

	/**
	 * As PostgreSQL says it.
	 */
	private static boolean isIdleTimeout(SQLException failure) {
		return SqlState.IDLE_IN_TRANSACTION_TIMEOUT.equals(failure.getSQLState());
	}

	private static boolean causedBySocketTimeout(SQLException failure) {
		if (!SqlState.isConnectionLost(failure.getSQLState())) {
			return false;
		}
		Throwable cause = failure.getCause();
		while (cause != null && !(cause instanceof SocketTimeoutException)) {
			cause = cause.getCause();
		}
		return cause != null;
	}

}
