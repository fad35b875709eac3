package io.github.crdbspring.benchmark;

import java.math.BigDecimal;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbMetricsAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbObservationAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.retry.annotation.Retryable;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A way to run a transaction. All of them use Spring's {@code JdbcTransactionManager},
 * those with annotations a CGLIB proxy; the connections are guarded unless the name says
 * otherwise.
 */
public enum Contender {

	/**
	 * Spring's template, without this library.
	 */
	TRANSACTION_TEMPLATE_UNGUARDED {

		@Override
		Operation prepare() {
			return template(new TransactionTemplate(new JdbcTransactionManager(new StubDataSource())));
		}

	},

	/**
	 * Spring's annotation, without this library.
	 */
	TRANSACTIONAL_UNGUARDED {

		@Override
		Operation prepare() {
			return bean(new StubDataSource(), TransactionalOperation.class);
		}

	},

	/**
	 * Spring's template.
	 */
	TRANSACTION_TEMPLATE {

		@Override
		Operation prepare() {
			return template(new TransactionTemplate(new JdbcTransactionManager(guarded())));
		}

	},

	/**
	 * Spring's annotation.
	 */
	TRANSACTIONAL {

		@Override
		Operation prepare() {
			return bean(guarded(), TransactionalOperation.class);
		}

	},

	/**
	 * Spring's annotation inside the one of spring-retry.
	 */
	SPRING_RETRY_AND_TRANSACTIONAL {

		@Override
		Operation prepare() {
			return bean(guarded(), SpringRetryOperation.class, SpringRetryConfiguration.class);
		}

	},

	/**
	 * Spring's annotation inside the one that Spring Framework has for retrying.
	 */
	FRAMEWORK_RETRY_AND_TRANSACTIONAL {

		@Override
		Operation prepare() {
			return bean(guarded(), FrameworkRetryOperation.class, FrameworkRetryConfiguration.class);
		}

	},

	/**
	 * This library's template.
	 */
	CRDB_TRANSACTION_TEMPLATE {

		@Override
		Operation prepare() {
			CrdbDataSource dataSource = guarded();
			return template(new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource), dataSource,
					CrdbTransactionOptions.none()));
		}

	},

	/**
	 * This library's annotation, as it is auto-configured.
	 */
	CRDB_TRANSACTIONAL {

		@Override
		Operation prepare() {
			return bean(guarded(), CrdbTransactionalOperation.class, CrdbTransactionAutoConfiguration.class);
		}

	},

	/**
	 * The same with three arguments, each of which may be what calls have in common.
	 */
	CRDB_TRANSACTIONAL_THREE_ARGUMENTS {

		@Override
		Operation prepare() {
			return arguments("arguments");
		}

	},

	/**
	 * The same with one limit for each name, which does not look at arguments.
	 */
	CRDB_TRANSACTIONAL_THREE_ARGUMENTS_WITHOUT_KEYS {

		@Override
		Operation prepare() {
			return arguments("none");
		}

	},

	/**
	 * This library's annotation with observations that nobody handles.
	 */
	CRDB_TRANSACTIONAL_OBSERVATION_UNHANDLED {

		@Override
		Operation prepare() {
			return bean(guarded(), CrdbTransactionalOperation.class, CrdbTransactionAutoConfiguration.class,
					Observing.Unhandled.class, CrdbObservationAutoConfiguration.class);
		}

	},

	/**
	 * The same with meters.
	 */
	CRDB_TRANSACTIONAL_METERED {

		@Override
		Operation prepare() {
			return bean(guarded(), CrdbTransactionalOperation.class, CrdbTransactionAutoConfiguration.class,
					Observing.Metered.class, CrdbMetricsAutoConfiguration.class);
		}

	},

	/**
	 * The same with observations of which meters are made, but no meters of ours.
	 */
	CRDB_TRANSACTIONAL_OBSERVED {

		@Override
		Operation prepare() {
			return bean(guarded(), CrdbTransactionalOperation.class, CrdbTransactionAutoConfiguration.class,
					Observing.Handled.class, CrdbObservationAutoConfiguration.class);
		}

	};

	abstract Operation prepare();

	private static CrdbDataSource guarded() {
		return new CrdbDataSource(new StubDataSource());
	}

	private static Operation template(TransactionOperations template) {
		return () -> template.execute((status) -> Operation.RESULT);
	}

	private static Operation arguments(String keys) {
		ArgumentsOperation operation = bean(guarded(), ArgumentsOperation.class,
				Map.of("crdb.transaction.contention.keys", keys), CrdbTransactionAutoConfiguration.class);
		UUID from = UUID.randomUUID();
		UUID to = UUID.randomUUID();
		BigDecimal amount = BigDecimal.TEN;
		return () -> operation.call(from, to, amount);
	}

	private static Operation bean(DataSource dataSource, Class<? extends Operation> type, Class<?>... configurations) {
		return bean(dataSource, type, Map.of(), configurations);
	}

	private static <T> T bean(DataSource dataSource, Class<T> type, Map<String, Object> properties,
			Class<?>... configurations) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("benchmark", properties));
		context.registerBean(DataSource.class, () -> dataSource);
		context.registerBean(JdbcTransactionManager.class, () -> new JdbcTransactionManager(dataSource));
		context.register(type, TransactionConfiguration.class);
		for (Class<?> configuration : configurations) {
			context.register(configuration);
		}
		context.refresh();
		return context.getBean(type);
	}

	/**
	 * What is called.
	 */
	interface Operation {

		/**
		 * What every call returns.
		 */
		Object RESULT = new Object();

		Object call();

	}

	/**
	 * An operation with Spring's annotation.
	 */
	static class TransactionalOperation implements Operation {

		@Override
		@Transactional
		public Object call() {
			return RESULT;
		}

	}

	/**
	 * An operation with the annotations of spring-retry and Spring.
	 */
	static class SpringRetryOperation implements Operation {

		@Override
		@Retryable(retryFor = ConcurrencyFailureException.class, maxAttempts = 10,
				backoff = @Backoff(delay = 50, multiplier = 2, maxDelay = 2000, random = true))
		@Transactional
		public Object call() {
			return RESULT;
		}

	}

	/**
	 * An operation with both annotations of Spring Framework.
	 */
	static class FrameworkRetryOperation implements Operation {

		@Override
		@org.springframework.resilience.annotation.Retryable(includes = ConcurrencyFailureException.class,
				maxRetries = 9, delay = 50, multiplier = 2, maxDelay = 2000, jitter = 25)
		@Transactional
		public Object call() {
			return RESULT;
		}

	}

	/**
	 * An operation with this library's annotation.
	 */
	static class CrdbTransactionalOperation implements Operation {

		@Override
		@CrdbTransactional
		public Object call() {
			return RESULT;
		}

	}

	/**
	 * An operation with this library's annotation, and arguments.
	 */
	static class ArgumentsOperation {

		@CrdbTransactional
		public Object call(UUID from, UUID to, BigDecimal amount) {
			return Operation.RESULT;
		}

	}

	/**
	 * Enables Spring's transaction annotations, as Spring Boot does.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class TransactionConfiguration {

	}

	/**
	 * Enables spring-retry's annotations.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableRetry(proxyTargetClass = true)
	static class SpringRetryConfiguration {

	}

	/**
	 * Enables Spring Framework's annotations.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods(proxyTargetClass = true)
	static class FrameworkRetryConfiguration {

	}

}
