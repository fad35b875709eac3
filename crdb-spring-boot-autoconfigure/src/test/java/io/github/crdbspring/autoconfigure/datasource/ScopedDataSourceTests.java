package io.github.crdbspring.autoconfigure.datasource;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbDataSourcePostProcessor} with DataSources of a scope of their own,
 * which are injected as proxies.
 */
@DatabaseTest
class ScopedDataSourceTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class));

	@ParameterizedTest
	@ValueSource(classes = { ClassConfiguration.class, InterfaceConfiguration.class })
	void connectionsOfTheTargetAreGuarded(Class<?> configuration, TestDatabase database) {
		this.runner.withUserConfiguration(ScopeConfiguration.class, configuration)
			.withBean(TestDatabase.class, () -> database, (definition) -> definition.setDestroyMethodName(""))
			.run((context) -> {
				DataSource dataSource = context.getBean(DataSource.class);
				assertThat(AopUtils.isAopProxy(dataSource)).isTrue();
				assertThat(dataSource).isInstanceOf(ScopedObject.class);
				assertThat(dataSource.isWrapperFor(CrdbDataSource.class)).isTrue();
				assertThat(dataSource.unwrap(CrdbDataSource.class).getServerInfo()).isEqualTo(database.serverInfo());
				CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
				JdbcClient jdbc = JdbcClient.create(dataSource);
				Integer answer = template.execute((status) -> jdbc.sql("SELECT 7").query(Integer.class).single());
				assertThat(answer).isEqualTo(7);
				assertThatExceptionOfType(SilentRollbackException.class)
					.isThrownBy(() -> template.executeWithoutResult((status) -> swallowAnError(jdbc)));
			});
	}

	private static void swallowAnError(JdbcClient jdbc) {
		try {
			jdbc.sql("SELECT 1/0").query(Integer.class).single();
		}
		catch (DataAccessException ex) {
			assertThat(ex).hasMessageContaining("zero");
		}
	}

	@Test
	void theProxyKeepsTheClassOfThePool(TestDatabase database) {
		this.runner.withUserConfiguration(ScopeConfiguration.class, ClassConfiguration.class)
			.withBean(TestDatabase.class, () -> database, (definition) -> definition.setDestroyMethodName(""))
			.run((context) -> assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(2));
	}

	/**
	 * A scope such as that of a request is not active while the application starts.
	 */
	@Test
	void theTargetIsNotMadeWhenTheApplicationStarts() {
		this.runner.withUserConfiguration(InactiveConfiguration.class)
			.run((context) -> assertThat(context).hasNotFailed().hasBean("dataSource"));
	}

	@Test
	void anotherProductIsLeftAsItIs() {
		this.runner.withUserConfiguration(ScopeConfiguration.class, OtherConfiguration.class)
			.run((context) -> assertThat(context.getBean(DataSource.class)).isInstanceOfSatisfying(ScopedObject.class,
					(proxy) -> assertThat(proxy.getTargetObject()).isExactlyInstanceOf(HikariDataSource.class)));
	}

	@Configuration(proxyBeanMethods = false)
	static class ScopeConfiguration {

		@Bean
		static CustomScopeConfigurer threadScope() {
			CustomScopeConfigurer configurer = new CustomScopeConfigurer();
			configurer.addScope("thread", new SimpleThreadScope());
			return configurer;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ClassConfiguration {

		@Bean(destroyMethod = "")
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		HikariDataSource dataSource(TestDatabase database) {
			return database.pool(2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InterfaceConfiguration {

		@Bean(destroyMethod = "")
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.INTERFACES)
		DataSource dataSource(TestDatabase database) {
			return database.pool(2);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InactiveConfiguration {

		@Bean
		@Scope(scopeName = "inactive", proxyMode = ScopedProxyMode.TARGET_CLASS)
		HikariDataSource dataSource() {
			throw new IllegalStateException("The scope is not active");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherConfiguration {

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		HikariDataSource dataSource() {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl("jdbc:h2:mem:test");
			return pool;
		}

	}

}
