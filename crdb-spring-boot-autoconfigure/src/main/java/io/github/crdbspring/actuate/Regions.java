package io.github.crdbspring.actuate;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.jspecify.annotations.Nullable;

/**
 * The region of the node that a connection leads to, as its locality tells.
 */
final class Regions {

	/**
	 * Null where there is no such setting, as on PostgreSQL. A function such as
	 * gateway_region() fails where there is no region.
	 */
	private static final String QUERY = "SELECT current_setting('locality', true)";

	private static final Pattern REGION = Pattern.compile("(?:^|,)region=([^,]+)");

	private Regions() {
	}

	/**
	 * Ask for the region.
	 * @return the region, empty if there is none
	 */
	static String query(CrdbDataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			boolean autoCommit = connection.getAutoCommit();
			connection.setAutoCommit(true);
			try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(QUERY)) {
				result.next();
				String region = of(result.getString(1));
				return (region != null) ? region : "";
			}
			finally {
				if (!connection.isClosed()) {
					connection.setAutoCommit(autoCommit);
				}
			}
		}
	}

	/**
	 * Find the region in a locality.
	 */
	static @Nullable String of(@Nullable String locality) {
		Matcher matcher = (locality != null) ? REGION.matcher(locality) : null;
		return (matcher != null && matcher.find()) ? matcher.group(1) : null;
	}

}
