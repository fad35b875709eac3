package io.github.crdbspring.actuate;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * Tells whether the database answers within a bounded time, and what it is: vendor and
 * version, and on CockroachDB the node that answered and its locality. That takes one
 * round trip and no privilege.
 *
 * @since 0.1.0
 * @see <a href="https://www.cockroachlabs.com/docs/stable/show-vars">CockroachDB: SHOW
 * (session settings)</a>
 */
public class CrdbHealthIndicator extends AbstractHealthIndicator {

	private static final Log logger = LogFactory.getLog(CrdbHealthIndicator.class);

	/**
	 * Null where there is no such setting, as on PostgreSQL.
	 */
	private static final String QUERY = "SELECT current_setting('node_id', true), current_setting('locality', true)";

	private final CrdbDataSource dataSource;

	private final Duration timeout;

	private final BoundedCheck<Map<String, Object>> check;

	/**
	 * Create a new indicator.
	 * @param dataSource the DataSource to check
	 * @param timeout how long a check may take, the wait for a connection included
	 */
	public CrdbHealthIndicator(CrdbDataSource dataSource, Duration timeout) {
		super("CockroachDB health check failed");
		Assert.isTrue(timeout.toMillis() > 0, "'timeout' must be at least a millisecond");
		this.dataSource = dataSource;
		this.timeout = timeout;
		this.check = new BoundedCheck<>(this::query, timeout);
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws Exception {
		try {
			Map<String, Object> details = this.check.run();
			builder.up().withDetails(details);
		}
		catch (TimeoutException ex) {
			builder.down()
				.withDetail("error", "No answer within " + DurationStyle.SIMPLE.print(this.timeout)
						+ ConnectionFailures.poolState(this.dataSource));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			builder.unknown().withDetail("error", "The check was interrupted");
		}
		catch (SQLException ex) {
			logger.debug("The database does not answer", ex);
			builder.down().withDetails(ConnectionFailures.describe(ex, this.dataSource));
		}
	}

	private Map<String, Object> query() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			Map<String, Object> details = ServerDetails.of(ServerInfo.of(connection));
			int networkTimeout = connection.getNetworkTimeout();
			boolean autoCommit = connection.getAutoCommit();
			// Without this, a check given up on a dead network would never end
			connection.setNetworkTimeout(Runnable::run, (int) Math.min(this.timeout.toMillis(), Integer.MAX_VALUE));
			try {
				connection.setAutoCommit(true);
				addNode(connection, details);
			}
			finally {
				// Not every pool does so when it gets a connection back
				if (!connection.isClosed()) {
					connection.setAutoCommit(autoCommit);
					connection.setNetworkTimeout(Runnable::run, networkTimeout);
				}
			}
			return details;
		}
	}

	private static void addNode(Connection connection, Map<String, Object> details) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(QUERY)) {
			result.next();
			addNode(details, result.getString(1), result.getString(2));
		}
	}

	private static void addNode(Map<String, Object> details, @Nullable String nodeId, @Nullable String locality) {
		if (StringUtils.hasText(nodeId)) {
			details.put("nodeId", nodeId);
		}
		if (StringUtils.hasText(locality)) {
			details.put("locality", locality);
			String region = Regions.of(locality);
			if (region != null) {
				details.put("region", region);
			}
		}
	}

}
