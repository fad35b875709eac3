package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbDataSourceAutoConfiguration}. Nothing listens where the URLs point
 * to, so that a connection would fail.
 */
class CrdbDataSourceAutoConfigurationTests {

	private static final String URL = "crdb.url=postgresql://maxroach:secret@localhost:1/bank?sslmode=disable";

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class));

	@Test
	void theUrlMakesACrdbAwarePoolAndOpensNoConnection() {
		this.runner.withPropertyValues(URL).run((context) -> {
			assertThat(context).hasSingleBean(DataSource.class);
			assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
			HikariDataSource pool = pool(context);
			assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://localhost:1/bank?sslmode=disable");
			assertThat(pool.getUsername()).isEqualTo("maxroach");
			assertThat(pool.getPassword()).isEqualTo("secret");
			assertThat(pool.getDriverClassName()).isEqualTo("org.postgresql.Driver");
			assertThat(pool.getHikariPoolMXBean()).isNull();
		});
	}

	@Test
	void theCredentialsPropertiesBeatTheUrl() {
		this.runner.withPropertyValues(URL, "crdb.username=other", "crdb.password=more").run((context) -> {
			assertThat(pool(context).getUsername()).isEqualTo("other");
			assertThat(pool(context).getPassword()).isEqualTo("more");
		});
	}

	@Test
	void thePoolIsConfiguredWithSpringBootsProperties() {
		this.runner.withPropertyValues(URL, "spring.datasource.hikari.maximum-pool-size=3")
			.run((context) -> assertThat(pool(context).getMaximumPoolSize()).isEqualTo(3));
	}

	@Test
	void springBootsUrlWins() {
		this.runner
			.withPropertyValues(URL, "spring.datasource.url=jdbc:postgresql://other:26257/shop",
					"spring.datasource.username=shopper")
			.run((context) -> {
				assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
				assertThat(pool(context).getJdbcUrl()).isEqualTo("jdbc:postgresql://other:26257/shop");
				assertThat(pool(context).getUsername()).isEqualTo("shopper");
			});
	}

	@Test
	void connectionDetailsOfAServiceWin() {
		this.runner.withPropertyValues(URL)
			.withBean(JdbcConnectionDetails.class, ServiceConnection::new)
			.run((context) -> assertThat(pool(context).getJdbcUrl()).isEqualTo("jdbc:postgresql://service:5432/db"));
	}

	@Test
	void theUsersDataSourceWinsAndIsGuarded() {
		DriverManagerDataSource users = new DriverManagerDataSource("jdbc:postgresql://own:26257/db");
		this.runner.withPropertyValues(URL).withBean(DataSource.class, () -> users).run((context) -> {
			assertThat(context).doesNotHaveBean(JdbcConnectionDetails.class);
			assertThat(context.getBean(CrdbDataSource.class).getTargetDataSource()).isSameAs(users);
		});
	}

	@Test
	void aDataSourceOfAnotherProductIsLeftAsItIs() {
		DriverManagerDataSource users = new DriverManagerDataSource("jdbc:h2:mem:test");
		this.runner.withBean(DataSource.class, () -> users)
			.run((context) -> assertThat(context.getBean(DataSource.class)).isSameAs(users));
	}

	@Test
	void connectionsAreGuardedBelowALazyDataSource() {
		this.runner.withPropertyValues(URL, "spring.datasource.connection-fetch=lazy").run((context) -> {
			DataSource dataSource = context.getBean(DataSource.class);
			if (dataSource instanceof LazyConnectionDataSourceProxy lazy) {
				assertThat(lazy.getTargetDataSource()).isInstanceOf(CrdbDataSource.class);
			}
			assertThat(dataSource.isWrapperFor(CrdbDataSource.class)).isTrue();
		});
	}

	@Test
	void disabledItLeavesEverythingAsItIs() {
		this.runner
			.withPropertyValues(URL, "crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://other:26257/shop")
			.run((context) -> assertThat(context.getBean(DataSource.class)).isInstanceOf(HikariDataSource.class));
	}

	@Test
	void withoutTheDriverItBacksOff() {
		this.runner.withClassLoader(new FilteredClassLoader(PGConnection.class))
			.withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:h2:mem:test"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CrdbDataSourceAutoConfiguration.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "mysql://root:secret@localhost", "postgresql://root:secret@localhost:port/bank",
			"postgresql://root:%secret@localhost/bank", "postgresql://root:a/secret@localhost/bank", "secret" })
	void aBadUrlStopsTheStartAndHidesThePassword(String url) {
		this.runner.withPropertyValues("crdb.url=" + url).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining("crdb.url");
			for (Throwable ex = context.getStartupFailure(); ex != null; ex = ex.getCause()) {
				assertThat(ex.getMessage()).doesNotContain("secret");
			}
		});
	}

	private static HikariDataSource pool(AssertableApplicationContext context) throws Exception {
		return context.getBean(DataSource.class).unwrap(HikariDataSource.class);
	}

	/**
	 * What a container would give.
	 */
	static class ServiceConnection implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "service";
		}

		@Override
		public String getPassword() {
			return "";
		}

		@Override
		public String getJdbcUrl() {
			return "jdbc:postgresql://service:5432/db";
		}

	}

}
