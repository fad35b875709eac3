package io.github.crdbspring.autoconfigure;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.DataSourceTargets;
import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

/**
 * Finds the guarded DataSources: beans, and what beans decorate or route to.
 */
final class CrdbDataSources {

	private CrdbDataSources() {
	}

	/**
	 * Return the guarded DataSources by bean name. Further ones of the same bean, of a
	 * router for instance, have their own names behind that of the bean, unless they are
	 * beans themselves.
	 */
	static Map<String, CrdbDataSource> find(ConfigurableListableBeanFactory beanFactory) {
		Map<String, CrdbDataSource> found = new LinkedHashMap<>();
		Map<String, CrdbDataSource> further = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, DataSource.class, false, true)
			.forEach((name, dataSource) -> DataSourceTargets.findGuarded(dataSource)
				.forEach((label, guarded) -> (label.isEmpty() ? found : further)
					.put(label.isEmpty() ? name : name + "." + label, guarded)));
		Set<CrdbDataSource> known = Collections.newSetFromMap(new IdentityHashMap<>());
		known.addAll(found.values());
		further.forEach((name, guarded) -> {
			if (known.add(guarded)) {
				found.put(name, guarded);
			}
		});
		return found;
	}

}
