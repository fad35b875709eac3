package io.github.crdbspring.changefeed.source;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import com.zaxxer.hikari.util.DriverDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.postgresql.ds.common.BaseDataSource;

import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Opens connections for changefeeds: made like those of the pool, with its URL,
 * credentials, properties and session settings, but not taken out of it. A pool would
 * count them as leaked, and end them with their lifetime.
 * <p>
 * Infrastructure of this library; for a pool of another product than HikariCP's it is
 * replaced by a function that opens a connection. Thread-safe.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface FeedConnections {

	/**
	 * Open a connection.
	 * @return a new connection, which belongs to no pool
	 * @throws SQLException if that fails
	 */
	Connection open() throws SQLException;

	/**
	 * Make connections like those of a DataSource.
	 * @param dataSource the DataSource
	 * @return opens connections
	 * @throws ChangefeedRefusedException when the first one is opened, if it is not known
	 * how the DataSource makes its connections
	 */
	static FeedConnections like(DataSource dataSource) {
		return () -> {
			CrdbDataSource guarded = dataSource.unwrap(CrdbDataSource.class);
			DataSource target = guarded.getTargetDataSource();
			return guarded.withTarget(unpooled((target != null) ? target : guarded)).getConnection();
		};
	}

	private static DataSource unpooled(DataSource target) throws SQLException {
		if (Hikari.PRESENT && target.isWrapperFor(HikariDataSource.class)) {
			return Hikari.unpooled(target.unwrap(HikariDataSource.class));
		}
		if (target instanceof AbstractDriverBasedDataSource || target instanceof BaseDataSource) {
			return target;
		}
		throw new ChangefeedRefusedException("It is not known how " + target + " makes its connections, of which a "
				+ "changefeed needs one that is not in the pool. Add a bean of type FeedConnections that opens one");
	}

	/**
	 * What is known of HikariCP.
	 */
	final class Hikari {

		static final boolean PRESENT = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
				FeedConnections.class.getClassLoader());

		private Hikari() {
		}

		/**
		 * Credentials are asked for each time, since they may change.
		 */
		static DataSource unpooled(HikariDataSource pool) throws SQLException {
			if (pool.getDataSource() != null) {
				return pool.getDataSource();
			}
			if (!StringUtils.hasText(pool.getJdbcUrl())) {
				throw new ChangefeedRefusedException(
						"The pool has neither a JDBC URL nor a DataSource of its own, so that "
								+ "no connection can be made for a changefeed. Add a bean of type FeedConnections that opens one");
			}
			Credentials credentials = (pool.getCredentialsProvider() != null)
					? pool.getCredentialsProvider().getCredentials()
					: Credentials.of(pool.getUsername(), pool.getPassword());
			return new DriverDataSource(pool.getJdbcUrl(), pool.getDriverClassName(), pool.getDataSourceProperties(),
					credentials.getUsername(), credentials.getPassword());
		}

	}

}
