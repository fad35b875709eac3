package io.github.crdbspring.actuate;

import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.github.crdbspring.actuate.CrdbEndpoint.PoolDescriptor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a HikariCP pool is doing.
 */
final class Pools {

	private static final Log logger = LogFactory.getLog(Pools.class);

	private Pools() {
	}

	/**
	 * Describe a DataSource's pool.
	 * @return its state, {@code null} if it is none of HikariCP's
	 */
	static @Nullable PoolDescriptor describe(DataSource dataSource) {
		HikariDataSource pool = find(dataSource);
		if (pool == null) {
			return null;
		}
		HikariPoolMXBean running = pool.getHikariPoolMXBean();
		String name = (pool.getPoolName() != null) ? pool.getPoolName() : "";
		return (running != null) ? new PoolDescriptor(name, pool.getMaximumPoolSize(), running.getTotalConnections(),
				running.getActiveConnections(), running.getIdleConnections(), running.getThreadsAwaitingConnection())
				: new PoolDescriptor(name, pool.getMaximumPoolSize(), 0, 0, 0, 0);
	}

	private static @Nullable HikariDataSource find(DataSource dataSource) {
		try {
			return dataSource.isWrapperFor(HikariDataSource.class) ? dataSource.unwrap(HikariDataSource.class) : null;
		}
		catch (SQLException ex) {
			logger.debug("The pool cannot be found", ex);
			return null;
		}
	}

}
