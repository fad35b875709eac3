package io.github.crdbspring.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.LogRecorder;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.PriorityOrdered;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for DataSources that are made before anybody can guard them, since a
 * post-processor needs them: their users are told. Nothing listens where the URLs point
 * to.
 */
class EarlyDataSourceTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class));

	@Test
	void oneThatNobodyGuardsIsWarnedOf() {
		List<String> warnings = warnings(ShopConfiguration.class, EarlyConfiguration.class);
		assertThat(warnings).singleElement().asString().contains("'shop'", "CrdbDataSource");
	}

	@Test
	void oneThatTheUserGuardsIsNot() {
		assertThat(warnings(GuardedConfiguration.class, EarlyConfiguration.class)).isEmpty();
	}

	@Test
	void oneOfAnotherProductIsNot() {
		assertThat(warnings(OtherProductConfiguration.class, EarlyConfiguration.class)).isEmpty();
	}

	@Test
	void oneThatIsMadeInTimeIsNot() {
		assertThat(warnings(ShopConfiguration.class)).isEmpty();
	}

	private List<String> warnings(Class<?>... configurations) {
		try (LogRecorder log = new LogRecorder()) {
			this.runner.withUserConfiguration(configurations)
				.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(DataSource.class));
			return log.warnings();
		}
	}

	private static HikariDataSource pool() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl("jdbc:postgresql://localhost:1/shop");
		return pool;
	}

	@Configuration(proxyBeanMethods = false)
	static class ShopConfiguration {

		@Bean
		HikariDataSource shop() {
			return pool();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GuardedConfiguration {

		@Bean
		CrdbDataSource shop() {
			return new CrdbDataSource(pool());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherProductConfiguration {

		@Bean
		JdbcDataSource shop() {
			return new JdbcDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyConfiguration {

		@Bean
		static EarlyPostProcessor earlyPostProcessor(DataSource dataSource) {
			return new EarlyPostProcessor(dataSource);
		}

	}

	/**
	 * Comes before all others.
	 *
	 * @param dataSource what it needs
	 */
	record EarlyPostProcessor(DataSource dataSource) implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return PriorityOrdered.HIGHEST_PRECEDENCE;
		}

	}

}
