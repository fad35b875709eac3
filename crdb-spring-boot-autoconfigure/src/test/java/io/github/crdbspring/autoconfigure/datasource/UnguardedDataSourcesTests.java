package io.github.crdbspring.autoconfigure.datasource;

import java.sql.Connection;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UnguardedDataSources}. Nothing listens where the URL points to, so
 * that a connection would fail.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnguardedDataSourcesTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class));

	@Test
	void oneThatWasMadeTooEarlyIsToldOnce(CapturedOutput output) {
		this.runner.withUserConfiguration(EarlyConfiguration.class).run((context) -> {
			assertThat(context.getBean("early")).isInstanceOfSatisfying(HikariDataSource.class,
					(pool) -> assertThat(pool.getHikariPoolMXBean()).isNull());
			assertThat(context.getBean("late")).isInstanceOf(CrdbDataSource.class);
			assertThat(output).containsOnlyOnce("are not guarded")
				.contains("the DataSource bean 'early'", "ObjectProvider<DataSource>", "new CrdbDataSource(pool)");
		});
	}

	@Test
	void whatDelegatesToOneIsGuardedAllTheSame(CapturedOutput output) {
		this.runner.withUserConfiguration(EarlyConfiguration.class, DelegateConfiguration.class)
			.run((context) -> assertThat(output).contains("the DataSource bean 'early'")
				.doesNotContain("the DataSource bean 'delegate'"));
	}

	@Test
	void oneThatWasReplacedByAWrapperOfThePoolIsTold(CapturedOutput output) {
		this.runner.withUserConfiguration(ReplacingConfiguration.class)
			.run((context) -> assertThat(output).contains("the DataSource bean 'pool'"));
	}

	@Test
	void aRouterThatWasGivenATargetTooLateIsTold(CapturedOutput output) {
		this.runner.withUserConfiguration(RouterConfiguration.class)
			.run((context) -> assertThat(output).contains("the DataSource bean 'router'")
				.containsOnlyOnce("are not guarded"));
	}

	@Test
	void guardedOnesAndThoseOfAnotherProductAreNotTold(CapturedOutput output) {
		this.runner.withBean("pool", DataSource.class, UnguardedDataSourcesTests::pool)
			.withBean("own", DataSource.class, () -> new CrdbDataSource(pool()))
			.withBean("routing", DataSource.class, () -> new Router(Map.of("bank", pool()), null))
			.withBean("h2", DataSource.class, JdbcDataSource::new)
			.run((context) -> assertThat(output).doesNotContain("are not guarded"));
	}

	@Test
	void oneThatIsNotNeededIsNotMade() {
		this.runner.withUserConfiguration(LazyConfiguration.class)
			.run((context) -> assertThat(context.getBeanFactory().containsSingleton("lazy")).isFalse());
	}

	private static HikariDataSource pool() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl("jdbc:postgresql://localhost:1/bank");
		return pool;
	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyConfiguration {

		@Bean
		static DataSource early() {
			return pool();
		}

		@Bean
		static PostProcessor postProcessor(DataSource early) {
			assertThat(early).isInstanceOf(HikariDataSource.class);
			return new PostProcessor();
		}

		@Bean
		DataSource late() {
			return pool();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DelegateConfiguration {

		@Bean
		DataSource delegate(DataSource early) {
			return new LazyConnectionDataSourceProxy(early);
		}

	}

	/**
	 * Is made, with what it needs, before DataSources are guarded.
	 */
	private static final class PostProcessor implements BeanPostProcessor, Ordered {

		@Override
		public int getOrder() {
			return 0;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ReplacingConfiguration {

		@Bean
		DataSource pool() {
			return UnguardedDataSourcesTests.pool();
		}

		@Bean
		static BeanPostProcessor replacing() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					return (bean instanceof CrdbDataSource dataSource) ? new Decorator(dataSource.getTargetDataSource())
							: bean;
				}

			};
		}

	}

	/**
	 * Says where its connections come from, and no more.
	 */
	public static class Decorator extends AbstractDataSource {

		private final DataSource pool;

		Decorator(DataSource pool) {
			this.pool = pool;
		}

		public DataSource getDataSource() {
			return this.pool;
		}

		@Override
		public Connection getConnection() {
			throw new IllegalStateException("No connection is to be opened");
		}

		@Override
		public Connection getConnection(String username, String password) {
			return getConnection();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RouterConfiguration {

		@Bean
		Router router() {
			return new Router(Map.of("first", pool()), null);
		}

		@Bean
		InitializingBean tenants(Router router) {
			return () -> {
				router.setTargetDataSources(Map.of("second", pool()));
				router.initialize();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyConfiguration {

		@Bean
		@Lazy
		DataSource lazy() {
			throw new IllegalStateException("It is not to be made");
		}

	}

}
