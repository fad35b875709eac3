package io.github.crdbspring.contention;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionOutcomeAutoConfiguration;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * This library's annotation, as it is auto-configured.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
		CrdbTransactionOutcomeAutoConfiguration.class })
class CrdbConfiguration {

	@Bean
	CrdbCalls calls(JdbcTemplate jdbc) {
		return new CrdbCalls(new SpringJdbc(jdbc));
	}

	/**
	 * The service.
	 */
	static class CrdbCalls implements Calls {

		private final SpringJdbc jdbc;

		CrdbCalls(SpringJdbc jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		@CrdbTransactional
		public void first(TransactionBody body, long source, long target, int amount) {
			this.jdbc.run(body);
		}

		@Override
		@CrdbTransactional
		public void second(TransactionBody body, long source, long target, int amount) {
			this.jdbc.run(body);
		}

	}

}
