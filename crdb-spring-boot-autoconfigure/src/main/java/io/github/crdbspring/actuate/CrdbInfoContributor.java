package io.github.crdbspring.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * Shows what the database is, and what the application reaches it with: driver, pool and
 * starter, and on CockroachDB the region of its node, if it has one, for which a query is
 * sent once. Never makes the endpoint fail: as long as no connection could be opened, the
 * vendor is {@code unknown}.
 *
 * @since 0.1.0
 */
public class CrdbInfoContributor implements InfoContributor {

	private final Map<String, DataSourceInfo> dataSources = new LinkedHashMap<>();

	/**
	 * Create a new contributor.
	 * @param dataSources the DataSources by bean name
	 * @param timeout how long to wait for the connection in which the server tells what
	 * it is; nothing is waited for once that is known
	 */
	public CrdbInfoContributor(Map<String, CrdbDataSource> dataSources, Duration timeout) {
		dataSources.forEach((name, dataSource) -> this.dataSources.put(name, new DataSourceInfo(dataSource, timeout)));
	}

	@Override
	public void contribute(Info.Builder builder) {
		if (this.dataSources.size() == 1) {
			builder.withDetail("crdb", this.dataSources.values().iterator().next().details());
			return;
		}
		Map<String, Object> details = new LinkedHashMap<>();
		this.dataSources.forEach((name, dataSource) -> details.put(name, dataSource.details()));
		builder.withDetail("crdb", details);
	}

}
