package io.github.crdbspring.actuate;

import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.jspecify.annotations.Nullable;

/**
 * What a HikariCP pool is doing.
 *
 * @param name the pool's name
 * @param maximum how many connections it may have
 * @param total how many it has
 * @param active how many of them are in use
 * @param idle how many of them are not
 * @param waiting how many callers wait for one
 */
record PoolState(String name, int maximum, int total, int active, int idle, int waiting) {

	/**
	 * Return the state of a DataSource's pool, {@code null} if it has none of HikariCP's.
	 */
	static @Nullable PoolState of(DataSource dataSource) {
		HikariDataSource pool = find(dataSource);
		if (pool == null) {
			return null;
		}
		HikariPoolMXBean running = pool.getHikariPoolMXBean();
		String name = (pool.getPoolName() != null) ? pool.getPoolName() : "";
		return (running != null) ? new PoolState(name, pool.getMaximumPoolSize(), running.getTotalConnections(),
				running.getActiveConnections(), running.getIdleConnections(), running.getThreadsAwaitingConnection())
				: new PoolState(name, pool.getMaximumPoolSize(), 0, 0, 0, 0);
	}

	private static @Nullable HikariDataSource find(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(HikariDataSource.class) ? dataSource.unwrap(HikariDataSource.class) : null;
		}
		catch (SQLException ex) {
			return null;
		}
	}

}
