package io.github.crdbspring.contention;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.transaction.annotation.Transactional;

/**
 * Spring Framework's own annotation for retrying around Spring's transaction.
 */
@Configuration(proxyBeanMethods = false)
@EnableResilientMethods
class FrameworkRetryConfiguration {

	@Bean
	FrameworkRetryCalls calls(JdbcTemplate jdbc) {
		return new FrameworkRetryCalls(new SpringJdbc(jdbc));
	}

	/**
	 * The service.
	 */
	static class FrameworkRetryCalls implements Calls {

		private final SpringJdbc jdbc;

		FrameworkRetryCalls(SpringJdbc jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		@Retryable(includes = ConcurrencyFailureException.class, maxRetries = 9, delay = 50, multiplier = 2,
				maxDelay = 2000, jitter = 25)
		@Transactional
		public void first(TransactionBody body, long source, long target, int amount) {
			this.jdbc.run(body);
		}

		@Override
		@Retryable(includes = ConcurrencyFailureException.class, maxRetries = 9, delay = 50, multiplier = 2,
				maxDelay = 2000, jitter = 25)
		@Transactional
		public void second(TransactionBody body, long source, long target, int amount) {
			this.jdbc.run(body);
		}

	}

}
