package io.github.crdbspring.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.statistics.TransactionStatistics;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Actuator endpoint that shows each DataSource's server and pool, and how transactions
 * fared since the start of the application. It only reads, sends no query, and shows
 * neither SQL nor any value: of a failure its time, type, SQLSTATE and reason.
 *
 * @since 0.1.0
 */
@Endpoint(id = "crdb", defaultAccess = Access.READ_ONLY)
public class CrdbEndpoint {

	private final Map<String, DataSourceInfo> dataSources = new LinkedHashMap<>();

	private final TransactionStatistics statistics;

	/**
	 * Create a new endpoint.
	 * @param dataSources the DataSources by bean name
	 * @param statistics counts the transactions
	 * @param timeout how long to wait for the connection in which the server tells what
	 * it is; nothing is waited for once that is known
	 */
	public CrdbEndpoint(Map<String, CrdbDataSource> dataSources, TransactionStatistics statistics, Duration timeout) {
		dataSources.forEach((name, dataSource) -> this.dataSources.put(name, new DataSourceInfo(dataSource, timeout)));
		this.statistics = statistics;
	}

	/**
	 * Describe DataSources and transactions.
	 * @return what the endpoint shows
	 */
	@ReadOperation
	public CrdbDescriptor crdb() {
		Map<String, DataSourceDescriptor> descriptors = new LinkedHashMap<>();
		this.dataSources.forEach((name, dataSource) -> descriptors.put(name, dataSource.describe()));
		return new CrdbDescriptor(descriptors, this.statistics.summaries());
	}

	/**
	 * What the endpoint shows.
	 *
	 * @param dataSources the DataSources by bean name
	 * @param transactions the transactions by name
	 */
	public record CrdbDescriptor(Map<String, DataSourceDescriptor> dataSources,
			Map<String, TransactionStatistics.Summary> transactions) {

	}

	/**
	 * One DataSource.
	 *
	 * @param server vendor, version and what else is known of the server
	 * @param pool what the pool is doing, {@code null} if it is none of HikariCP's
	 */
	public record DataSourceDescriptor(Map<String, Object> server, @Nullable PoolDescriptor pool) {

	}

	/**
	 * A pool of HikariCP.
	 *
	 * @param name the pool's name
	 * @param maximum how many connections it may have
	 * @param total how many it has
	 * @param active how many of them are in use
	 * @param idle how many of them are not
	 * @param waiting how many callers wait for one
	 */
	public record PoolDescriptor(String name, int maximum, int total, int active, int idle, int waiting) {

	}

}
