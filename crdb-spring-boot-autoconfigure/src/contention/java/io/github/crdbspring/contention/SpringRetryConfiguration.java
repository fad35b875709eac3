package io.github.crdbspring.contention;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.retry.annotation.Retryable;
import org.springframework.transaction.annotation.Transactional;

/**
 * spring-retry's annotation around Spring's transaction.
 */
@Configuration(proxyBeanMethods = false)
@EnableRetry
class SpringRetryConfiguration {

	@Bean
	SpringRetryCalls calls(JdbcTemplate jdbc) {
		return new SpringRetryCalls(new SpringJdbc(jdbc));
	}

	/**
	 * The service.
	 */
	static class SpringRetryCalls implements Calls {

		private final SpringJdbc jdbc;

		SpringRetryCalls(SpringJdbc jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		@Retryable(retryFor = ConcurrencyFailureException.class, maxAttempts = 10,
				backoff = @Backoff(delay = 50, multiplier = 2, maxDelay = 2000, random = true))
		@Transactional
		public void first(TransactionBody body, long source, long target, int amount) {
			this.jdbc.run(body);
		}

		@Override
		@Retryable(retryFor = ConcurrencyFailureException.class, maxAttempts = 10,
				backoff = @Backoff(delay = 50, multiplier = 2, maxDelay = 2000, random = true))
		@Transactional
		public void second(TransactionBody body, long source, long target, int amount) {
			this.jdbc.run(body);
		}

	}

}
