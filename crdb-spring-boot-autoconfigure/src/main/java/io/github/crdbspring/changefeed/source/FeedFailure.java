package io.github.crdbspring.changefeed.source;

import java.sql.SQLException;
import java.util.Locale;

/**
 * What it means that a changefeed could not be opened, or has ended. The server has no
 * SQLSTATE of its own for most of it, so that its texts decide, as they are from version
 * 21.1 on. Infrastructure of this library.
 *
 * @param kind what to do about it
 * @param message what is wrong, and the remedy
 * @since 0.1.0
 */
public record FeedFailure(Kind kind, String message) {

	private static final String SCHEMA_CHANGE = "55C01";

	private static final String INSUFFICIENT_PRIVILEGE = "42501";

	private static final String RANGEFEEDS = "Rangefeeds are switched off in this cluster. An administrator, or a user "
			+ "with the privilege MODIFYCLUSTERSETTING, has to run once: SET CLUSTER SETTING kv.rangefeed.enabled = true";

	private static final String PRIVILEGE = "The user may not read a changefeed. From CockroachDB 22.2 on: GRANT SELECT "
			+ "ON TABLE … TO the user of the DataSource; before: ALTER ROLE … WITH CONTROLCHANGEFEED, and GRANT SELECT";

	private static final String EXPIRED = "What happened after the stored position is not there any more: it is older "
			+ "than the table's gc.ttlseconds. Set onCursorExpired of the listener to RESCAN, to read the tables again, "
			+ "or to SKIP, to go on from now; and consider a longer gc.ttlseconds";

	/**
	 * What to do about a failure.
	 */
	public enum Kind {

		/**
		 * Open the feed again, after a pause.
		 */
		LOST,

		/**
		 * Open the feed again, at once: it has ended because a table has changed.
		 */
		SCHEMA_CHANGED,

		/**
		 * The feed cannot go on from its position.
		 */
		CURSOR_EXPIRED,

		/**
		 * Opening the feed again does not help until somebody has changed something.
		 */
		REFUSED

	}

	/**
	 * Say what a failure means.
	 * @param failure the failure
	 * @return what it means
	 */
	public static FeedFailure of(Throwable failure) {
		if (failure instanceof ChangefeedRefusedException) {
			return new FeedFailure(Kind.REFUSED, String.valueOf(failure.getMessage()));
		}
		String text = String.valueOf(failure.getMessage());
		String state = (failure instanceof SQLException ex && ex.getSQLState() != null) ? ex.getSQLState() : "";
		String lower = text.toLowerCase(Locale.ROOT);
		if (state.equals(SCHEMA_CHANGE) || lower.contains("schema change occurred at")) {
			return new FeedFailure(Kind.SCHEMA_CHANGED, text);
		}
		// A cursor before the table was truncated leads to that same error again
		if (lower.contains("gc threshold") || lower.contains("was truncated")
				|| lower.contains("do the targets exist at the specified cursor time")) {
			return new FeedFailure(Kind.CURSOR_EXPIRED, EXPIRED + ". The server: " + text);
		}
		if (lower.contains("kv.rangefeed.enabled")) {
			return new FeedFailure(Kind.REFUSED, RANGEFEEDS + ". The server: " + text);
		}
		if (state.equals(INSUFFICIENT_PRIVILEGE)) {
			return new FeedFailure(Kind.REFUSED, PRIVILEGE + ". The server: " + text);
		}
		if (isUnknownTable(state, lower)) {
			return new FeedFailure(Kind.REFUSED,
					"A table of the feed does not exist; make it, or correct the listener's 'tables', and start the "
							+ "listener again. The server: " + text);
		}
		if (isMistake(state, lower)) {
			return new FeedFailure(Kind.REFUSED, "The server refuses the feed: " + text);
		}
		return new FeedFailure(Kind.LOST, text);
	}

	private static boolean isUnknownTable(String state, String text) {
		return state.equals("42P01") || text.contains("does not exist") || text.contains("was dropped");
	}

	/**
	 * Whether the statement is wrong, and will be so another time: its syntax, a name, an
	 * option, a target that cannot have a feed, or a feature that is not there.
	 */
	private static boolean isMistake(String state, String text) {
		return state.startsWith("42") || state.startsWith("22") || state.equals("0A000") || state.equals("3D000")
				|| state.equals("3F000") || text.contains("changefeed cannot target")
				|| text.contains("changefeeds are not supported")
				|| text.contains("changefeeds are currently supported") || text.contains("enterprise license");
	}

}
