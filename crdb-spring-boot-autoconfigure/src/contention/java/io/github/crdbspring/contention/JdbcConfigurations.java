package io.github.crdbspring.contention;

import java.time.Duration;

import javax.sql.DataSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Contenders that use JDBC only.
 */
final class JdbcConfigurations {

	private static final Pause JITTERED = Pause.jittered(Duration.ofMillis(50), Duration.ofSeconds(2));

	private JdbcConfigurations() {
	}

	/**
	 * Tries again at once.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Immediate {

		@Bean
		Calls calls(DataSource dataSource) {
			return new JdbcCalls(dataSource, Pause.NONE, false);
		}

	}

	/**
	 * Tries again after a while.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Jittered {

		@Bean
		Calls calls(DataSource dataSource) {
			return new JdbcCalls(dataSource, JITTERED, false);
		}

	}

	/**
	 * Locks what it reads, and tries again after a while.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Locking {

		@Bean
		Calls calls(DataSource dataSource) {
			return new JdbcCalls(dataSource, JITTERED, true);
		}

	}

}
