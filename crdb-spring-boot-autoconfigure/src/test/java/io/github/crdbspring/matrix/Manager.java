package io.github.crdbspring.matrix;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbHibernateAutoConfiguration;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

/**
 * The transaction managers, each with the configuration that makes it.
 */
enum Manager {

	JDBC(JdbcConfiguration.class), DATA_SOURCE(DataSourceConfiguration.class), JPA(JpaConfiguration.class);

	private final Class<?> configuration;

	Manager(Class<?> configuration) {
		this.configuration = configuration;
	}

	Class<?> configuration() {
		return this.configuration;
	}

	@Configuration(proxyBeanMethods = false)
	static class JdbcConfiguration {

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		Session session(DataSource dataSource) {
			return new JdbcSession(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceConfiguration {

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean
		Session session(DataSource dataSource) {
			return new JdbcSession(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbHibernateAutoConfiguration.class, HibernateJpaAutoConfiguration.class })
	static class JpaConfiguration {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(StoredCall.class.getName());
		}

		@Bean
		Session session(EntityManagerFactory factory) {
			return new JpaSession(factory);
		}

	}

}
