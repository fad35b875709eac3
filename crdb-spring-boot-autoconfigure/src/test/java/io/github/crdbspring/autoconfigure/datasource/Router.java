package io.github.crdbspring.autoconfigure.datasource;

import java.util.HashMap;
import java.util.Map;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Routes to one of its targets.
 */
public class Router extends AbstractRoutingDataSource {

	int initializations;

	public Router(Map<Object, DataSource> targets, DataSource defaultTarget) {
		setTargetDataSources(new HashMap<>(targets));
		if (defaultTarget != null) {
			setDefaultTargetDataSource(defaultTarget);
		}
		initialize();
	}

	@Override
	public void initialize() {
		super.initialize();
		this.initializations++;
	}

	@Override
	protected Object determineCurrentLookupKey() {
		return null;
	}

}
