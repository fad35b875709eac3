package io.github.crdbspring.contention;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import io.github.crdbspring.url.CrdbUrl;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A contender's Spring context: the same pool for all, serializable whatever the server's
 * default.
 */
final class ContenderContext implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private ContenderContext(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static ContenderContext open(Contender contender, CrdbUrl url, int poolSize) {
		Map<String, Object> properties = new HashMap<>();
		properties.put("logging.level.root", "warn");
		properties.put("spring.docker.compose.enabled", false);
		properties.put("spring.datasource.url", url.jdbcUrl());
		properties.put("spring.datasource.username", Objects.requireNonNullElse(url.username(), ""));
		properties.put("spring.datasource.password", Objects.requireNonNullElse(url.password(), ""));
		properties.put("spring.datasource.hikari.maximum-pool-size", poolSize);
		properties.put("spring.datasource.hikari.connection-timeout", 60_000);
		properties.put("spring.datasource.hikari.transaction-isolation", "TRANSACTION_SERIALIZABLE");
		properties.put("crdb.pool-defaults", false);
		properties.putAll(contender.properties());
		return new ContenderContext(
				new SpringApplicationBuilder(Application.class, contender.configuration()).web(WebApplicationType.NONE)
					.bannerMode(Banner.Mode.OFF)
					.logStartupInfo(false)
					.registerShutdownHook(false)
					.properties(properties)
					.run());
	}

	Calls calls() {
		return this.context.getBean(Calls.class);
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * What all contenders have.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
			AopAutoConfiguration.class })
	static class Application {

	}

}
