package io.github.crdbspring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.autoconfigure.datasource.Router;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbDataSourceAutoConfiguration} with DataSource beans of the user's
 * and with Spring Boot's properties. Nothing listens where the URLs point to, so that a
 * connection would fail.
 */
class UserDataSourcesTests {

	private static final String URL = "jdbc:postgresql://localhost:1/bank";

	private static final String CRDB_URL = "crdb.url=postgresql://maxroach:secret@localhost:1/bank?sslmode=disable";

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class));

	@Test
	void propertiesOfThePoolWinOverTheUrl() {
		this.runner
			.withPropertyValues(CRDB_URL, "spring.datasource.hikari.jdbc-url=jdbc:postgresql://other:26257/shop",
					"spring.datasource.hikari.username=shopper", "spring.datasource.hikari.password=more",
					"spring.datasource.hikari.maximum-pool-size=3")
			.run((context) -> {
				HikariDataSource pool = context.getBean(CrdbDataSource.class).unwrap(HikariDataSource.class);
				assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://other:26257/shop");
				assertThat(pool.getUsername()).isEqualTo("shopper");
				assertThat(pool.getPassword()).isEqualTo("more");
				assertThat(pool.getMaximumPoolSize()).isEqualTo(3);
			});
	}

	@Test
	void onePropertyOfThePoolLeavesTheRestOfTheUrl() {
		this.runner.withPropertyValues(CRDB_URL, "spring.datasource.hikari.username=shopper").run((context) -> {
			HikariDataSource pool = context.getBean(CrdbDataSource.class).unwrap(HikariDataSource.class);
			assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://localhost:1/bank?sslmode=disable");
			assertThat(pool.getUsername()).isEqualTo("shopper");
			assertThat(pool.getPassword()).isEqualTo("secret");
		});
	}

	@Test
	void aServiceWinsOverPropertiesOfThePool() {
		this.runner.withPropertyValues(CRDB_URL, "spring.datasource.hikari.username=shopper")
			.withBean(JdbcConnectionDetails.class, CrdbDataSourceAutoConfigurationTests.ServiceConnection::new)
			.run((context) -> assertThat(
					context.getBean(CrdbDataSource.class).unwrap(HikariDataSource.class).getUsername())
				.isEqualTo("service"));
	}

	@ParameterizedTest
	@ValueSource(classes = { org.apache.tomcat.jdbc.pool.DataSource.class, BasicDataSource.class })
	void theUrlFeedsAnotherPoolToo(Class<? extends DataSource> type) {
		this.runner.withPropertyValues(CRDB_URL, "spring.datasource.type=" + type.getName())
			.withClassLoader(new FilteredClassLoader(HikariDataSource.class))
			.run((context) -> assertThat(context.getBean(CrdbDataSource.class).getTargetDataSource()).isInstanceOf(type)
				.hasFieldOrPropertyWithValue("url", "jdbc:postgresql://localhost:1/bank?sslmode=disable"));
	}

	@Test
	void aPoolThatIsBoundToPropertiesIsGuarded() {
		this.runner.withUserConfiguration(BoundConfiguration.class)
			.withPropertyValues("shop.jdbc-url=" + URL, "shop.maximum-pool-size=3", "cache.jdbc-url=jdbc:h2:mem:test")
			.run((context) -> {
				assertThat(context.getBean("shop")).isInstanceOfSatisfying(CrdbDataSource.class,
						(shop) -> assertThat(shop.getTargetDataSource()).hasFieldOrPropertyWithValue("jdbcUrl", URL)
							.hasFieldOrPropertyWithValue("maximumPoolSize", 3));
				assertThat(context.getBean("cache")).isInstanceOf(HikariDataSource.class);
			});
	}

	@Test
	void eachBeanIsTreatedByItself() {
		Map<String, DataSource> given = dataSources();
		withBeans(given).run((context) -> {
			assertThat(context.getBean("pool")).isInstanceOf(CrdbDataSource.class);
			assertThat(context.getBean("driver")).isInstanceOf(CrdbDataSource.class);
			assertThat(context.getBean("lazy")).isSameAs(given.get("lazy"));
			assertThat(context.getBean("routing")).isSameAs(given.get("routing"));
			assertThat(context.getBean("h2")).isSameAs(given.get("h2"));
		});
	}

	@Test
	void disabledItLeavesEveryBeanAsItIs() {
		Map<String, DataSource> given = dataSources();
		withBeans(given).withPropertyValues("crdb.enabled=false", CRDB_URL).run((context) -> {
			assertThat(context.getBeansOfType(DataSource.class)).containsExactlyInAnyOrderEntriesOf(given);
			assertThat(((LazyConnectionDataSourceProxy) given.get("lazy")).getTargetDataSource())
				.isInstanceOf(PGSimpleDataSource.class);
			assertThat(((AbstractRoutingDataSource) given.get("routing")).getResolvedDataSources().get("bank"))
				.isInstanceOf(PGSimpleDataSource.class);
			HikariDataSource untouched = new HikariDataSource();
			assertThat((HikariDataSource) given.get("pool")).usingRecursiveComparison()
				.comparingOnlyFields("maxPoolSize", "maxLifetime", "keepaliveTime", "exceptionOverride",
						"dataSourceProperties")
				.isEqualTo(untouched);
		});
	}

	private ApplicationContextRunner withBeans(Map<String, DataSource> dataSources) {
		ApplicationContextRunner result = this.runner;
		for (Map.Entry<String, DataSource> entry : dataSources.entrySet()) {
			result = result.withBean(entry.getKey(), DataSource.class, entry::getValue);
		}
		return result;
	}

	private static Map<String, DataSource> dataSources() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(URL);
		LazyConnectionDataSourceProxy lazy = new LazyConnectionDataSourceProxy();
		lazy.setDefaultAutoCommit(true);
		lazy.setDefaultTransactionIsolation(8);
		lazy.setTargetDataSource(new PGSimpleDataSource());
		Map<String, DataSource> result = new LinkedHashMap<>();
		result.put("pool", pool);
		result.put("driver", new PGSimpleDataSource());
		result.put("lazy", lazy);
		result.put("routing", new Router(Map.of("bank", new PGSimpleDataSource()), null));
		result.put("h2", new JdbcDataSource());
		return result;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties
	static class BoundConfiguration {

		@Bean
		@ConfigurationProperties("shop")
		DataSource shop() {
			return DataSourceBuilder.create().type(HikariDataSource.class).build();
		}

		@Bean
		@ConfigurationProperties("cache")
		HikariDataSource cache() {
			return new HikariDataSource();
		}

	}

}
