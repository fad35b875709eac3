package io.github.crdbspring.chaos;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataJdbcAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbHibernateAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionOutcomeAutoConfiguration;
import io.github.crdbspring.transaction.OutcomePolicy;
import jakarta.persistence.EntityManager;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.util.ClassUtils;

/**
 * A bank's application, with a pool of its own.
 */
final class BankApplication implements AutoCloseable {

	/**
	 * What the bank's sessions are known by on the server.
	 */
	static final String NAME = "chaos-bank";

	private static final int POOL_SIZE = 8;

	private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);

	private final String name;

	private final AnnotationConfigApplicationContext context;

	private BankApplication(String name, AnnotationConfigApplicationContext context) {
		this.name = name;
		this.context = context;
	}

	/**
	 * Start an application for each way to reach the database.
	 * @param url the database, as {@code crdb.url} takes it
	 * @param policy what happens to unknown outcomes
	 * @param properties further properties
	 */
	static List<BankApplication> startAll(String url, OutcomePolicy policy, List<String> properties) {
		List<BankApplication> applications = new ArrayList<>();
		applications.add(start("JdbcClient", JdbcConfiguration.class, url, policy, properties));
		applications.add(start("Spring Data JDBC", DataJdbcConfiguration.class, url, policy, properties));
		applications.add(start("JPA", JpaConfiguration.class, url, policy, properties));
		List<String> noAutoCommit = new ArrayList<>(properties);
		noAutoCommit.add("spring.datasource.hikari.auto-commit=false");
		applications.add(start("JPA without auto-commit", JpaConfiguration.class, url, policy, noAutoCommit));
		return applications;
	}

	private static BankApplication start(String name, Class<?> configuration, String url, OutcomePolicy policy,
			List<String> properties) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues.of("spring.application.name=" + NAME, "crdb.url=" + url,
				"crdb.session.default_transaction_isolation=serializable", "crdb.session.statement_timeout=60s",
				"crdb.transaction.timeout=90s", "crdb.transaction.outcome.policy=" + policy,
				"crdb.transaction.outcome.initialize-schema=always", "crdb.transaction.retry-spring-transactional=true",
				"spring.datasource.hikari.maximum-pool-size=" + POOL_SIZE,
				"spring.datasource.hikari.connection-timeout=" + CONNECTION_TIMEOUT.toMillis())
			.and(properties)
			.applyTo(context);
		context.register(configuration, AttemptLog.class);
		context.refresh();
		return new BankApplication(name, context);
	}

	String name() {
		return this.name;
	}

	/**
	 * Return the tellers by their names, which are different in each application.
	 */
	Map<String, Teller> tellers() {
		Map<String, Teller> tellers = new TreeMap<>();
		this.context.getBeansOfType(Teller.class)
			.forEach((name, teller) -> tellers.put(this.name + ", " + ClassUtils.getShortName(name), teller));
		return tellers;
	}

	HikariDataSource pool() {
		try {
			return this.context.getBean(DataSource.class).unwrap(HikariDataSource.class);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * What every application has.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			CrdbTransactionOutcomeAutoConfiguration.class, DataSourceAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	@Import({ Teller.Annotated.class, Teller.Spring.class, Teller.Template.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@ImportAutoConfiguration({ DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class })
	static class JdbcConfiguration {

		@Bean
		Bank bank(JdbcClient jdbc) {
			return new JdbcBank(jdbc);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DataJdbcRepositoriesAutoConfiguration.class, CrdbDataJdbcAutoConfiguration.class })
	static class DataJdbcConfiguration {

		@Bean
		Bank bank(JdbcAggregateOperations aggregates) {
			return new DataJdbcBank(aggregates);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@ImportAutoConfiguration({ HibernateJpaAutoConfiguration.class, CrdbHibernateAutoConfiguration.class })
	static class JpaConfiguration {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(JpaBank.Account.class.getName(), JpaBank.History.class.getName());
		}

		@Bean
		Bank bank(EntityManager entityManager) {
			return new JpaBank(entityManager);
		}

	}

}
