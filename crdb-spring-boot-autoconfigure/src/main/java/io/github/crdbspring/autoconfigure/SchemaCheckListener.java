package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.schema.SchemaCheck;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * Has the tables of every DataSource checked once the application is ready: whatever
 * creates them at start-up has then done so, be it a migration tool, a script, Hibernate
 * or a runner. A failure is logged and ends nothing.
 */
final class SchemaCheckListener implements ApplicationListener<ApplicationReadyEvent> {

	private static final Log logger = LogFactory.getLog(SchemaCheckListener.class);

	private static final int TIMEOUT_MILLIS = 10_000;

	private final ConfigurableListableBeanFactory beanFactory;

	private final SchemaCheck check = new SchemaCheck(TIMEOUT_MILLIS);

	SchemaCheckListener(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		// Those of child contexts arrive here as well
		if (event.getApplicationContext().getBeanFactory() == this.beanFactory) {
			try {
				CrdbDataSources.find(this.beanFactory).forEach(this.check::check);
			}
			catch (BeansException ex) {
				logger.warn("The tables could not be checked, since a DataSource cannot be created", ex);
			}
		}
	}

}
