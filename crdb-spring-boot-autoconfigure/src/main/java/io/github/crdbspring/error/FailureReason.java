package io.github.crdbspring.error;

import java.sql.SQLException;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Names a failure for metrics, traces and logs: there are few different values, and no
 * data in any of them. The reason is read out of the server's message, whose wording is
 * no contract, so nothing else may depend on it: what is retried goes by
 * {@link FailureKind}.
 *
 * @param sqlState the SQLSTATE, {@code null} if there is none
 * @param reason one of CockroachDB's reasons for SQLSTATE 40001, such as
 * {@code RETRY_SERIALIZABLE} or {@code ABORT_REASON_PUSHER_ABORTED};
 * {@code READ_WITHIN_UNCERTAINTY_INTERVAL}; {@code INJECTED} for a test's error;
 * {@code CONNECTION_LOST}; {@code CONNECTION_LIMIT_EXCEEDED};
 * {@code COMMIT_OUTCOME_UNKNOWN}; {@code OPTIMISTIC_LOCK}; {@code STALE_STATEMENT}; for
 * all others {@code OTHER}
 * @since 0.1.0
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/transaction-retry-error-reference">CockroachDB:
 * Transaction Retry Error Reference</a>
 */
public record FailureReason(@Nullable String sqlState, String reason) {

	private static final String OTHER = "OTHER";

	/**
	 * Texts that stand for a reason, the more telling first: an injected error, or a
	 * reason itself, may be wrapped in a message with more of them.
	 */
	private static final List<Marker> MARKERS = List.of(new Marker("force_retry", "INJECTED"),
			new Marker("injected by", "INJECTED"), Marker.ofReason("RETRY_WRITE_TOO_OLD"),
			Marker.ofReason("RETRY_SERIALIZABLE"), Marker.ofReason("RETRY_ASYNC_WRITE_FAILURE"),
			Marker.ofReason("RETRY_COMMIT_DEADLINE_EXCEEDED"), Marker.ofReason("ABORT_REASON_ABORTED_RECORD_FOUND"),
			Marker.ofReason("ABORT_REASON_CLIENT_REJECT"), Marker.ofReason("ABORT_REASON_PUSHER_ABORTED"),
			Marker.ofReason("ABORT_REASON_ABORT_SPAN"), Marker.ofReason("ABORT_REASON_NEW_LEASE_PREVENTS_TXN"),
			Marker.ofReason("ABORT_REASON_TIMESTAMP_CACHE_REJECTED"),
			new Marker("ReadWithinUncertaintyInterval", "READ_WITHIN_UNCERTAINTY_INTERVAL"),
			new Marker("WriteTooOldError", "RETRY_WRITE_TOO_OLD"),
			new Marker("transaction deadline exceeded", "RETRY_COMMIT_DEADLINE_EXCEEDED"));

	/**
	 * Name a failure, looking through its causes as {@link FailureKind#of(Throwable)}
	 * does.
	 * @param failure the failure
	 * @return its name
	 */
	public static FailureReason of(Throwable failure) {
		FailureKind kind = FailureKind.of(failure);
		if (kind == FailureKind.SERIALIZATION_FAILURE) {
			return new FailureReason(SqlState.SERIALIZATION_FAILURE, conflictReason(failure));
		}
		if (kind == FailureKind.OPTIMISTIC_LOCK) {
			return new FailureReason(null, "OPTIMISTIC_LOCK");
		}
		if (kind == FailureKind.CONNECTION_LIMIT_EXCEEDED) {
			SQLException ended = FailureKind.find(failure,
					(ex) -> FailureKind.of(ex) == FailureKind.CONNECTION_LIMIT_EXCEEDED);
			return new FailureReason((ended != null) ? ended.getSQLState() : null, kind.name());
		}
		SQLException stale = FailureKind.find(failure, StaleStatementErrors::isOne);
		if (kind == FailureKind.STALE_STATEMENT && stale != null) {
			return new FailureReason(stale.getSQLState(), "STALE_STATEMENT");
		}
		SQLException lost = FailureKind.find(failure, (ex) -> SqlState.isConnectionLost(ex.getSQLState()));
		if (lost != null) {
			return new FailureReason(lost.getSQLState(), "CONNECTION_LOST");
		}
		SQLException other = FailureKind.find(failure, (ex) -> !ex.getSQLState().isEmpty());
		if (other != null) {
			return new FailureReason(other.getSQLState(), OTHER);
		}
		CommitOutcomeUnknownException unknown = CommitOutcomeUnknownException.findIn(failure);
		if (unknown != null) {
			return new FailureReason((unknown.getCause() instanceof SQLException cause) ? cause.getSQLState() : null,
					"COMMIT_OUTCOME_UNKNOWN");
		}
		return new FailureReason(null, OTHER);
	}

	/**
	 * Find the reason of a conflict. What wraps the server's error may have its SQLSTATE,
	 * but not its message.
	 */
	private static String conflictReason(Throwable failure) {
		for (Marker marker : MARKERS) {
			if (FailureKind.find(failure, marker::isIn) != null) {
				return marker.reason();
			}
		}
		return OTHER;
	}

	/**
	 * A text in a message that stands for a reason.
	 *
	 * @param text the text
	 * @param reason the reason
	 */
	private record Marker(String text, String reason) {

		boolean isIn(SQLException error) {
			return SqlState.SERIALIZATION_FAILURE.equals(error.getSQLState()) && error.getMessage() != null
					&& error.getMessage().contains(this.text);
		}

		static Marker ofReason(String reason) {
			return new Marker(reason, reason);
		}

	}

}
