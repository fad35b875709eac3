package io.github.crdbspring.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.crdbspring.error.CockroachRequiredException;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;

/**
 * Refuses connections to any other server than CockroachDB. At start-up it opens one of
 * each DataSource, so that an application does not start on the wrong server.
 */
final class CockroachRequirement implements CrdbConnectionCustomizer, SmartInitializingSingleton, Ordered {

	private final ConfigurableListableBeanFactory beanFactory;

	CockroachRequirement(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void customize(Connection connection, ServerInfo serverInfo) throws SQLException {
		if (!serverInfo.isCockroach()) {
			throw new CockroachRequiredException("The database is " + serverInfo.description()
					+ ", but CockroachDB is required (crdb.require-cockroachdb)");
		}
	}

	@Override
	public void afterSingletonsInstantiated() {
		CrdbDataSources.find(this.beanFactory).values().forEach(CrdbDataSource::getServerInfo);
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
