package io.github.crdbspring.benchmark;

import java.lang.management.ManagementFactory;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

/**
 * A small application that starts, says what that cost, and ends. It opens no connection.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StartupApplication {

	/**
	 * Start, and print milliseconds: processor time of the main thread, processor time of
	 * the process, and time since the JVM was started.
	 * @param args properties
	 */
	public static void main(String[] args) {
		try (ConfigurableApplicationContext context = SpringApplication.run(StartupApplication.class, args)) {
			long main = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1_000_000;
			long process = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
			System.out.println(main + " " + process + " " + ManagementFactory.getRuntimeMXBean().getUptime());
		}
	}

	@Bean
	Counter counter(JdbcClient jdbcClient) {
		return new Counter(jdbcClient);
	}

	static class Counter {

		private final JdbcClient jdbcClient;

		Counter(JdbcClient jdbcClient) {
			this.jdbcClient = jdbcClient;
		}

		@Transactional
		int count() {
			return this.jdbcClient.sql("SELECT 1").query(Integer.class).single();
		}

	}

}
