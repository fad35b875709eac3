package io.github.crdbspring.autoconfigure.datasource;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Warns, once all beans are there, of each {@link DataSource} that uses the PostgreSQL
 * driver and nevertheless is not guarded, and of each that may. Makes no bean for that,
 * and opens no connection. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class UnguardedDataSources implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnguardedDataSources.class);

	private final ConfigurableListableBeanFactory beanFactory;

	/**
	 * Create a new instance.
	 * @param beanFactory has the DataSource beans
	 */
	public UnguardedDataSources(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Whether a DataSource is one that would be guarded if it had been seen in time.
	 * @param dataSource the DataSource
	 * @return {@code true} if it uses the PostgreSQL driver, and is not guarded
	 */
	public static boolean isUnguarded(DataSource dataSource) {
		return DataSourceGuard.isUnguarded(dataSource);
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beanFactory.getBeanNamesForType(DataSource.class, false, false)) {
			if (!this.beanFactory.containsSingleton(name)
					|| !(this.beanFactory.getSingleton(name) instanceof DataSource dataSource)) {
				continue;
			}
			if (DataSourceGuard.isUnknown(dataSource)) {
				logger.warn("Where the DataSource bean '" + name + "' of " + dataSource.getClass()
						+ " has its connections from cannot be seen before it is used. Those of the PostgreSQL driver "
						+ "are not guarded: whether a transaction on them was committed is not known for certain. Wrap "
						+ "each pool that it uses: new CrdbDataSource(pool). If it has nothing to do with that driver, "
						+ "there is nothing to be done");
			}
			else if (DataSourceGuard.isUnguarded(dataSource)) {
				logger.warn("Connections of the DataSource bean '" + name
						+ "' are not guarded, although they are those "
						+ "of the PostgreSQL driver: whether a transaction on them was committed is not known for "
						+ "certain. The bean was made before it could be guarded, or was changed afterwards. It is made "
						+ "too early if a BeanPostProcessor, or something that one needs, has it injected: declare the "
						+ "bean method of that BeanPostProcessor static, and let it take an ObjectProvider<DataSource>. "
						+ "Or wrap the DataSource yourself: new CrdbDataSource(pool)");
			}
		}
	}

}
