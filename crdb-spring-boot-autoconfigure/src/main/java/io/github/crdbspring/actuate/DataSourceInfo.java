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
import org.springframework.util.StringUtils;

/**
 * What is known of one DataSource, of which the server is asked no more than its region,
 * once.
 */
final class DataSourceInfo {

	private static final Log logger = LogFactory.getLog(CrdbInfoContributor.class);

	private final CrdbDataSource dataSource;

	private final BoundedCheck<ServerInfo> serverInfo;

	private final BoundedCheck<String> region;

	private volatile @Nullable String knownRegion;

	DataSourceInfo(CrdbDataSource dataSource, Duration timeout) {
		this.region = new BoundedCheck<>(() -> Regions.query(dataSource), timeout);
		this.dataSource = dataSource;
		this.serverInfo = new BoundedCheck<>(dataSource::getServerInfo, timeout);
	}

	Map<String, Object> details() {
		Map<String, Object> details = server();
		String region = findRegion();
		if (StringUtils.hasText(region)) {
			details.put("region", region);
		}
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

	/**
	 * Return the region of the node that the pool was connected to when this was first
	 * asked for. Only CockroachDB has one, and only if its nodes were told.
	 * @return the region, {@code null} or empty if there is none
	 */
	private @Nullable String findRegion() {
		String region = this.knownRegion;
		ServerInfo server = this.dataSource.findServerInfo();
		if (region != null || server == null || !server.isCockroach()) {
			return region;
		}
		try {
			region = this.region.run();
			this.knownRegion = region;
			return region;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (Exception ex) {
			logger.debug("The region cannot be found out", ex);
		}
		return null;
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
