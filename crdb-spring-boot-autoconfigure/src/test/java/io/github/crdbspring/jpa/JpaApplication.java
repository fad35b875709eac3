package io.github.crdbspring.jpa;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor;
import org.springframework.web.context.request.ServletWebRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with JPA that retries both kinds of transactions, and whose pool has so
 * few connections that one which is lost is missed.
 */
final class JpaApplication implements AutoCloseable {

	final EntityManagerFactory factory;

	final EntityManager entityManager;

	final Service service;

	final CrdbTransactionTemplate template;

	final List<String> ends;

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	private final HikariDataSource pool;

	JpaApplication(String url, Class<?> configuration, String... properties) {
		TestPropertyValues
			.of("crdb.url=" + url, "crdb.transaction.max-attempts=3", "crdb.transaction.backoff.initial-interval=0",
					"crdb.transaction.retry-spring-transactional=true", "spring.datasource.hikari.maximum-pool-size=2",
					"spring.datasource.hikari.minimum-idle=0", "spring.datasource.hikari.connection-timeout=5000")
			.and(properties)
			.applyTo(this.context);
		this.context.register(Application.class, configuration);
		this.context.refresh();
		this.factory = this.context.getBean(EntityManagerFactory.class);
		this.entityManager = this.context.getBean(EntityManager.class);
		this.service = this.context.getBean(Service.class);
		this.template = this.context.getBean(CrdbTransactionTemplate.class);
		this.ends = this.context.getBean(EndRecorder.class).ends;
		try {
			this.pool = this.context.getBean(CrdbDataSource.class).unwrap(HikariDataSource.class);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	Account find(int id) {
		return this.entityManager.find(Account.class, id);
	}

	/**
	 * Run a transaction without the timeout that others may have here.
	 */
	void withoutHurry(Runnable action) {
		this.template.executeWithoutResult(CrdbTransactionOptions.builder().timeout(Duration.ofMinutes(1)).build(),
				(status) -> action.run());
	}

	/**
	 * Do the work of a request, with a persistence context that stays open or not.
	 */
	void request(boolean openInView, Runnable work) {
		if (!openInView) {
			work.run();
			return;
		}
		OpenEntityManagerInViewInterceptor interceptor = new OpenEntityManagerInViewInterceptor();
		interceptor.setEntityManagerFactory(this.factory);
		ServletWebRequest request = new ServletWebRequest(new MockHttpServletRequest());
		interceptor.preHandle(request);
		try {
			work.run();
		}
		finally {
			interceptor.afterCompletion(request, null);
		}
	}

	int activeConnections() {
		return (this.pool.getHikariPoolMXBean() != null) ? this.pool.getHikariPoolMXBean().getActiveConnections() : 0;
	}

	void verifyNoConnectionIsLost() {
		assertThat(activeConnections()).as("active connections").isZero();
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * Notes how transactions end, and after how many attempts.
	 */
	static final class EndRecorder implements TransactionObserver, TransactionObserver.Observed {

		private final List<String> ends = new CopyOnWriteArrayList<>();

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return this;
		}

		@Override
		public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
			this.ends.add(outcome + " " + ((last != null) ? last.number() : 0));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	@Import({ Service.class, EndRecorder.class })
	static class Application {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Account.class.getName());
		}

	}

}
