package io.github.crdbspring.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import com.zaxxer.hikari.HikariDataSource;

/**
 * A pool whose connections are all taken for longer than anybody waits for one.
 */
final class PoolFault {

	private final List<HikariDataSource> pools;

	private final FaultTally tally;

	private PoolFault(List<HikariDataSource> pools, FaultTally tally) {
		this.pools = pools;
		this.tally = tally;
	}

	static FaultKind of(List<HikariDataSource> pools, FaultTally tally) {
		return new FaultKind("pool exhausted", 1, new PoolFault(pools, tally)::exhaust);
	}

	private boolean exhaust(Random random) throws InterruptedException, SQLException {
		HikariDataSource pool = this.pools.get(random.nextInt(this.pools.size()));
		List<Connection> taken = new ArrayList<>();
		try {
			while (taken.size() < pool.getMaximumPoolSize()) {
				taken.add(pool.getConnection());
			}
			this.tally.pause(Duration.ofMillis(pool.getConnectionTimeout()).multipliedBy(6).dividedBy(5));
			return true;
		}
		catch (SQLTransientConnectionException ex) {
			// The bank needs its connections for long itself, so nobody else got one
			// either
			return true;
		}
		finally {
			for (Connection connection : taken) {
				connection.close();
			}
		}
	}

}
