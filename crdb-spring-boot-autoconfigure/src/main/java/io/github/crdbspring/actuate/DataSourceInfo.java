package io.github.crdbspring.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

import io.github.crdbspring.actuate.CrdbEndpoint.DataSourceDescriptor;
import io.github.crdbspring.actuate.CrdbEndpoint.PoolDescriptor;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

import org.springframework.dao.DataAccessException;

/**
 * What is known of one DataSource without asking the server anything.
 */
final class DataSourceInfo {

	private static final Log logger = LogFactory.getLog(CrdbInfoContributor.class);

	private final CrdbDataSource dataSource;

	private final BoundedCheck<ServerInfo> serverInfo;

	DataSourceInfo(CrdbDataSource dataSource, Duration timeout) {
		this.dataSource = dataSource;
		this.serverInfo = new BoundedCheck<>(dataSource::getServerInfo, timeout);
	}

	Map<String, Object> details() {
		Map<String, Object> details = server();
		details.put("driver", driver());
		PoolDescriptor pool = Pools.describe(this.dataSource);
		if (pool != null) {
			details.put("pool", Map.of("name", pool.name(), "maximum", pool.maximum()));
		}
		details.put("starter", Map.of("version", StarterVersion.get()));
		return details;
	}

	/**
	 * Asked at run time: constants of the driver would be those of the version that this
	 * was compiled with.
	 */
	@SuppressWarnings("deprecation") // in favour of those constants
	private static Map<String, Object> driver() {
		String fullName = Driver.getVersion();
		int space = fullName.lastIndexOf(' ');
		return Map.of("name", fullName.substring(0, space), "version", fullName.substring(space + 1));
	}

	DataSourceDescriptor describe() {
		return new DataSourceDescriptor(server(), Pools.describe(this.dataSource));
	}

	private Map<String, Object> server() {
		ServerInfo server = findServerInfo();
		return (server != null) ? ServerDetails.inFull(server) : new LinkedHashMap<>(Map.of("vendor", "unknown"));
	}

	private @Nullable ServerInfo findServerInfo() {
		ServerInfo known = this.dataSource.findServerInfo();
		if (known != null) {
			return known;
		}
		try {
			return this.serverInfo.run();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | DataAccessException ex) {
			logger.debug("The server cannot be reached", ex);
		}
		catch (Exception ex) {
			logger.warn("Failed to find out what the server is", ex);
		}
		return null;
	}

}
