package io.github.crdbspring.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.DriverInfo;

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
		Map<String, Object> details = new LinkedHashMap<>();
		ServerInfo server = findServerInfo();
		if (server != null) {
			details.putAll(ServerDetails.inFull(server));
		}
		else {
			details.put("vendor", "unknown");
		}
		details.put("driver", Map.of("name", DriverInfo.DRIVER_NAME, "version", DriverInfo.DRIVER_VERSION));
		PoolState pool = PoolState.of(this.dataSource);
		if (pool != null) {
			details.put("pool", Map.of("name", pool.name(), "maximum", pool.maximum()));
		}
		details.put("starter", Map.of("version", StarterVersion.get()));
		return details;
	}

	private @Nullable ServerInfo findServerInfo() {
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
