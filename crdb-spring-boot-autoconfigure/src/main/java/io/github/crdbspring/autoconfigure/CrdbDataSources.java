package io.github.crdbspring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.jdbc.DataSourceUnwrapper;

/**
 * Finds the DataSource beans that are CRDB-aware.
 */
final class CrdbDataSources {

	private CrdbDataSources() {
	}

	static Map<String, CrdbDataSource> find(ConfigurableListableBeanFactory beanFactory) {
		Map<String, CrdbDataSource> found = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, DataSource.class, false, true)
			.forEach((name, dataSource) -> {
				CrdbDataSource crdbDataSource = DataSourceUnwrapper.unwrap(dataSource, CrdbDataSource.class);
				if (crdbDataSource != null) {
					found.put(name, crdbDataSource);
				}
			});
		return found;
	}

}
