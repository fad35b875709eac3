package io.github.crdbspring.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.dao.DataAccessException;

/**
 * Shows what the database is. Sends no query, and never makes the endpoint fail: as long
 * as no connection could be opened, the vendor is {@code unknown}.
 *
 * @since 0.1.0
 */
public class CrdbInfoContributor implements InfoContributor {

	private static final Log logger = LogFactory.getLog(CrdbInfoContributor.class);

	private final Map<String, CrdbDataSource> dataSources;

	/**
	 * Create a new contributor.
	 * @param dataSources the DataSources by bean name
	 */
	public CrdbInfoContributor(Map<String, CrdbDataSource> dataSources) {
		this.dataSources = new LinkedHashMap<>(dataSources);
	}

	@Override
	public void contribute(Info.Builder builder) {
		if (this.dataSources.size() == 1) {
			builder.withDetail("crdb", details(this.dataSources.values().iterator().next()));
			return;
		}
		Map<String, Object> details = new LinkedHashMap<>();
		this.dataSources.forEach((name, dataSource) -> details.put(name, details(dataSource)));
		builder.withDetail("crdb", details);
	}

	private static Map<String, Object> details(CrdbDataSource dataSource) {
		try {
			return ServerDetails.of(dataSource.getServerInfo());
		}
		catch (DataAccessException ex) {
			logger.debug("The server cannot be reached", ex);
			return Map.of("vendor", "unknown");
		}
	}

}
