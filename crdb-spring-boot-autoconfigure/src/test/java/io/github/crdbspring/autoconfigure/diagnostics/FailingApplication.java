package io.github.crdbspring.autoconfigure.diagnostics;

import java.util.Arrays;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Starts an application that uses its database while it starts, and hands out what is
 * printed when that fails.
 */
public final class FailingApplication {

	/**
	 * Tries once to connect. The pool would wait a second before it gives up.
	 */
	static final String NO_POOL = "spring.datasource.type=org.springframework.jdbc.datasource.SimpleDriverDataSource";

	private FailingApplication() {
	}

	/**
	 * Start with a URL and credentials, without a pool.
	 */
	static String start(CapturedOutput output, String url, String username, String password) {
		return start(output, Application.class, NO_POOL, "crdb.url=" + url, "crdb.username=" + username,
				"crdb.password=" + password);
	}

	/**
	 * Start with properties of the test's choice.
	 */
	public static String start(CapturedOutput output, Class<?> application, String... properties) {
		String[] arguments = Stream.of(properties).map("--"::concat).toArray(String[]::new);
		assertThatThrownBy(() -> new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "spring.main.log-startup-info=false",
					"spring.main.register-shutdown-hook=false")
			.run(arguments)
			.close()).isInstanceOf(RuntimeException.class);
		assertThat(Arrays.stream(properties)
			.filter((property) -> property.contains("password="))
			.map((property) -> property.substring(property.indexOf('=') + 1))
			.filter((password) -> !password.isEmpty()))
			.allSatisfy((password) -> assertThat(output.getAll()).doesNotContain(password));
		String all = output.getAll();
		int start = all.indexOf("APPLICATION FAILED TO START");
		return (start < 0) ? "" : all.substring(start);
	}

	/**
	 * Uses its database while it starts.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

		@Bean
		InitializingBean user(DataSource dataSource) {
			return () -> new JdbcTemplate(dataSource).execute("CREATE TABLE IF NOT EXISTS used (id INT)");
		}

	}

}
