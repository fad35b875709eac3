package io.github.crdbspring.actuate;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Tells whether the database answers, and what it is. One round trip per check.
 *
 * @since 0.1.0
 */
public class CrdbHealthIndicator extends AbstractHealthIndicator {

	private static final int TIMEOUT_SECONDS = 5;

	private final CrdbDataSource dataSource;

	/**
	 * Create a new indicator.
	 * @param dataSource the DataSource to check
	 */
	public CrdbHealthIndicator(CrdbDataSource dataSource) {
		super("CockroachDB health check failed");
		this.dataSource = dataSource;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			builder.status(connection.isValid(TIMEOUT_SECONDS) ? Status.UP : Status.DOWN);
			ServerDetails.of(ServerInfo.of(connection)).forEach(builder::withDetail);
		}
	}

}
