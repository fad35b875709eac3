package io.github.crdbspring.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.DataSourceTargets;
import io.github.crdbspring.jdbc.CrdbDataSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.orm.jpa.JpaVendorAdapter;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

/**
 * Asks the database what Hibernate is about to ask it to find its dialect. Hibernate only
 * logs why that fails, and then complains about the lack of a dialect; here the reason is
 * the cause of the failure. Where Hibernate might start without a connection, none is
 * opened.
 */
final class HibernateConnectionPostProcessor implements BeanPostProcessor {

	/**
	 * What tells Hibernate its dialect, or where to look for the database.
	 */
	private static final List<String> DIALECT_PROPERTIES = List.of("hibernate.dialect",
			"jakarta.persistence.database-product-name", "javax.persistence.database-product-name",
			"hibernate.boot.allow_jdbc_metadata_access", "hibernate.temp.use_jdbc_metadata_defaults",
			"hibernate.multi_tenant_connection_provider", "hibernate.connection.provider_class");

	/**
	 * Files in which such properties may be, too.
	 */
	private static final List<String> FILES = List.of("hibernate.properties", "META-INF/persistence.xml");

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof LocalContainerEntityManagerFactoryBean factory
				&& factory.getJpaVendorAdapter() instanceof HibernateJpaVendorAdapter vendorAdapter
				&& !isDialectKnown(factory, vendorAdapter)) {
			DataSource dataSource = factory.getDataSource();
			CrdbDataSource crdbDataSource = (dataSource != null) ? DataSourceTargets.findGuarded(dataSource).get("")
					: null;
			if (crdbDataSource != null) {
				readMetadata(crdbDataSource);
			}
		}
		return bean;
	}

	private static void readMetadata(CrdbDataSource dataSource) {
		try (Connection connection = dataSource.getConnection()) {
			// Of what Hibernate asks for it is this with which CockroachDB notices that
			// there
			// is no such database
			connection.getMetaData().getDefaultTransactionIsolation();
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("Hibernate cannot ask the database for its dialect", ex);
		}
	}

	private static boolean isDialectKnown(LocalContainerEntityManagerFactoryBean factory,
			JpaVendorAdapter vendorAdapter) {
		Map<Object, Object> properties = new HashMap<>(System.getProperties());
		properties.putAll(vendorAdapter.getJpaPropertyMap());
		properties.putAll(factory.getJpaPropertyMap());
		if (DIALECT_PROPERTIES.stream().anyMatch(properties::containsKey)) {
			return true;
		}
		ClassLoader classLoader = factory.getBeanClassLoader();
		return classLoader != null && FILES.stream().anyMatch((file) -> classLoader.getResource(file) != null);
	}

}
