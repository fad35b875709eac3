package io.github.crdbspring.matrix;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application as Spring Boot configures it, with a small pool.
 */
final class Application implements AutoCloseable {

	static final Duration TIMEOUT = Duration.ofMillis(100);

	private static final int POOL_SIZE = 2;

	private final TestBed testBed;

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	private final HikariDataSource pool;

	private final JdbcClient jdbc;

	private final boolean autoCommit;

	/**
	 * Start an application.
	 * @param timed whether all transactions have the timeout
	 */
	Application(TestBed testBed, Manager manager, boolean autoCommit, boolean timed) {
		this.testBed = testBed;
		this.autoCommit = autoCommit;
		TestPropertyValues
			.of("crdb.url=" + testBed.url(), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "crdb.transaction.retry-spring-transactional=true",
					"spring.datasource.hikari.maximum-pool-size=" + POOL_SIZE,
					"spring.datasource.hikari.connection-timeout=5000",
					"spring.datasource.hikari.auto-commit=" + autoCommit, "test.timeout=" + TIMEOUT)
			.and(timed ? List.of("crdb.transaction.timeout=" + TIMEOUT) : List.<String>of())
			.applyTo(this.context);
		this.context.register(Spring.class, manager.configuration());
		this.context.refresh();
		DataSource dataSource = this.context.getBean(DataSource.class);
		this.jdbc = JdbcClient.create(dataSource);
		try {
			this.pool = dataSource.unwrap(HikariDataSource.class);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		if (manager == Manager.JPA && !autoCommit) {
			assertThat(this.context.getBean(EntityManagerFactory.class).getProperties())
				.containsEntry("hibernate.connection.provider_disables_autocommit", "true");
		}
	}

	/**
	 * Run something with a persistence context that is there already, as in a web request
	 * with Spring Boot's defaults.
	 */
	void inView(Runnable request) {
		EntityManagerFactory factory = this.context.getBean(EntityManagerFactory.class);
		EntityManager entityManager = factory.createEntityManager();
		TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(entityManager));
		try {
			request.run();
		}
		finally {
			TransactionSynchronizationManager.unbindResource(factory);
			entityManager.close();
		}
	}

	/**
	 * Return how many connections were not given back.
	 */
	int connectionsInUse() {
		return this.pool.getHikariPoolMXBean().getActiveConnections();
	}

	/**
	 * Take all connections of the pool, and use them.
	 */
	void useAllConnections() {
		List<Connection> connections = new ArrayList<>();
		try {
			for (int i = 0; i < POOL_SIZE; i++) {
				Connection connection = this.pool.getConnection();
				connections.add(connection);
				assertThat(connection.getAutoCommit()).isEqualTo(this.autoCommit);
				try (Statement statement = connection.createStatement()) {
					statement.execute("SELECT 1");
				}
			}
		}
		catch (SQLException ex) {
			throw new AssertionError("Of the pool's connections only " + (connections.size()) + " can be had or used",
					ex);
		}
		finally {
			connections.forEach(Application::giveBack);
		}
	}

	private static void giveBack(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			throw new AssertionError("A connection cannot be given back", ex);
		}
	}

	void publish(Work work) {
		this.context.publishEvent(work);
	}

	TestBed testBed() {
		return this.testBed;
	}

	Session session() {
		return this.context.getBean(Session.class);
	}

	Service service() {
		return this.context.getBean(Service.class);
	}

	CrdbTransactionTemplate template() {
		return this.context.getBean(CrdbTransactionTemplate.class);
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	DataSource dataSource() {
		return this.context.getBean(DataSource.class);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class, TransactionAutoConfiguration.class })
	@Import(Service.class)
	static class Spring {

	}

}
