package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;

/**
 * Reads a feed with JDBC and nothing else, and does nothing with its rows.
 */
final class PlainReader {

	private static final Pattern RESOLVED = Pattern.compile("\"resolved\":\\s*\"([0-9.]+)\"");

	private PlainReader() {
	}

	/**
	 * Read what happened between two times.
	 * @param url the server's URL
	 * @param begin the time after which it begins
	 * @param end the time at which it ends
	 * @return how many rows have come
	 * @throws SQLException if the feed fails
	 */
	static int read(String url, BigDecimal begin, BigDecimal end) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:" + url, "root", "")) {
			String frequency = ServerInfo.of(connection).supports(ServerFeature.CHANGEFEED_CHECKPOINT_FREQUENCY)
					? ", min_checkpoint_frequency = '1s'" : "";
			connection.setAutoCommit(false);
			Statement statement = connection.createStatement();
			statement.setFetchSize(1);
			ResultSet feed = statement.executeQuery("CREATE CHANGEFEED FOR measured WITH updated, resolved = '1s', "
					+ "no_initial_scan, cursor = '" + begin.toPlainString() + "'" + frequency);
			int rows = count(feed, end);
			// Closing the rows would wait for the end of the feed
			connection.abort(Runnable::run);
			return rows;
		}
	}

	private static int count(ResultSet feed, BigDecimal end) throws SQLException {
		int rows = 0;
		while (feed.next()) {
			if (feed.getString(1) != null) {
				feed.getBytes(2);
				feed.getBytes(3);
				rows++;
			}
			else {
				Matcher resolved = RESOLVED.matcher(new String(feed.getBytes(3), StandardCharsets.UTF_8));
				if (resolved.find() && new BigDecimal(resolved.group(1)).compareTo(end) >= 0) {
					return rows;
				}
			}
		}
		return rows;
	}

}
