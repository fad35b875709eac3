package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.Router;
import io.github.crdbspring.schema.SchemaCheck;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbSchemaCheckAutoConfiguration}.
 */
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class CrdbSchemaCheckAutoConfigurationTests {

	private static final String ON = "crdb.schema-check=true";

	private static final String DEBUG = "logging.level." + SchemaCheck.class.getName() + "=debug";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				DataSourceAutoConfiguration.class, CrdbSchemaCheckAutoConfiguration.class));

	@BeforeEach
	void createTables(TestDatabase database) {
		database.jdbc().sql("CREATE TABLE IF NOT EXISTS keyless (n INT)").update();
		database.jdbc().sql("CREATE TABLE IF NOT EXISTS keyed (id UUID PRIMARY KEY)").update();
	}

	@Test
	void isOffByDefault(TestDatabase database) {
		this.runner.withPropertyValues("crdb.url=" + database.url())
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(SchemaCheckListener.class));
	}

	@Test
	void isSwitchedOffWithTheRest() {
		this.runner.withPropertyValues(ON, "crdb.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(SchemaCheckListener.class));
	}

	@Test
	void backsOffWithoutTheDriver() {
		this.runner.withPropertyValues(ON)
			.withBean(DataSource.class, DriverManagerDataSource::new)
			.withClassLoader(new FilteredClassLoader(PGConnection.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(SchemaCheckListener.class));
	}

	@Test
	void checksOnceTheApplicationIsReady(TestDatabase database, CapturedOutput output) {
		this.runner.withPropertyValues(ON, "crdb.url=" + database.url()).run((context) -> {
			assertThat(output).doesNotContain("DataSource 'dataSource'");
			publishReady(context.getSourceApplicationContext(ConfigurableApplicationContext.class));
			assertThat(warnings(output)).hasSize(database.isCockroach() ? 1 : 0)
				.allMatch((line) -> line.contains("DataSource 'dataSource'") && line.contains("public.keyless")
						&& !line.contains("keyed"));
		});
	}

	@Test
	void isNotForTheContextsOfChildren(TestDatabase database, CapturedOutput output) {
		this.runner.withPropertyValues(ON, "crdb.url=" + database.url()).run((context) -> {
			try (GenericApplicationContext child = new GenericApplicationContext()) {
				child.setParent(context);
				child.refresh();
				publishReady(child);
			}
			assertThat(warnings(output)).isEmpty();
		});
	}

	@Test
	void namesEachOfSeveralDataSourcesAndLeavesThoseOfOtherVendorsAlone(TestDatabase database, CapturedOutput output) {
		JdbcDataSource other = new JdbcDataSource();
		this.runner.withPropertyValues(ON)
			.withBean("orders", DataSource.class, () -> database.pool(1))
			.withBean("audit", DataSource.class, () -> database.pool(1))
			.withBean("cache", DataSource.class, () -> other)
			.run((context) -> {
				publishReady(context.getSourceApplicationContext(ConfigurableApplicationContext.class));
				assertThat(warnings(output)).hasSize(database.isCockroach() ? 2 : 0);
				if (database.isCockroach()) {
					assertThat(output).contains("DataSource 'orders'", "DataSource 'audit'")
						.doesNotContain("DataSource 'cache'");
				}
			});
	}

	@Test
	void theTargetThatARouterLeadsToNowIsLookedAtAndEachTargetThatIsABean(TestDatabase database,
			CapturedOutput output) {
		this.runner.withPropertyValues(ON)
			.withBean("router", DataSource.class, () -> new Router(Map.of(), database.pool(1)))
			.withBean("target", DataSource.class, () -> database.pool(1))
			.run((context) -> {
				publishReady(context.getSourceApplicationContext(ConfigurableApplicationContext.class));
				if (database.isCockroach()) {
					assertThat(warnings(output)).satisfiesExactlyInAnyOrder(
							(line) -> assertThat(line).contains("DataSource 'router'"),
							(line) -> assertThat(line).contains("DataSource 'target'"));
				}
				else {
					assertThat(warnings(output)).isEmpty();
				}
			});
	}

	@Test
	void aDatabaseThatIsNotThereIsAWarning(CapturedOutput output) {
		this.runner
			.withPropertyValues(ON, "crdb.url=postgresql://maxroach:secret@localhost:1/none?sslmode=disable",
					"spring.datasource.hikari.connection-timeout=250")
			.run((context) -> {
				publishReady(context.getSourceApplicationContext(ConfigurableApplicationContext.class));
				assertThat(warnings(output)).singleElement()
					.asString()
					.contains("DataSource 'dataSource': the tables could not be checked")
					.doesNotContain("secret");
			});
	}

	@Test
	@RequiresCockroach
	void aQueryThatFailsIsAWarning(TestDatabase database, CapturedOutput output) throws Exception {
		try (WireProxy proxy = database.proxy()) {
			this.runner.withPropertyValues(ON, "crdb.url=" + database.url(proxy)).run((context) -> {
				proxy.failNext("SELECT t.table_schema", Fault.REPLY_57014);
				publishReady(context.getSourceApplicationContext(ConfigurableApplicationContext.class));
				assertThat(warnings(output)).singleElement()
					.asString()
					.contains("could not be checked", "made up by the test");
			});
		}
	}

	@Test
	void aDataSourceThatCannotBeCreatedIsAWarning(CapturedOutput output) {
		this.runner.withPropertyValues(ON).withBean("broken", DataSource.class, () -> {
			throw new IllegalStateException("No such pool");
		}, (definition) -> definition.setLazyInit(true)).run((context) -> {
			publishReady(context.getSourceApplicationContext(ConfigurableApplicationContext.class));
			assertThat(output).contains("The tables could not be checked");
		});
	}

	@Test
	void runsAfterMigrations(TestDatabase database, CapturedOutput output) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(Map.of("spring.flyway.locations", "classpath:schema-check", "spring.flyway.baseline-on-migrate",
					"true", "spring.flyway.baseline-version", "0"))
			.run("--" + ON, "--" + DEBUG, "--crdb.url=" + database.url(), "--spring.main.banner-mode=off",
					"--spring.main.register-shutdown-hook=false")) {
			assertThat(context.isRunning()).isTrue();
			if (database.isCockroach()) {
				assertThat(warnings(output)).anyMatch((line) -> line.contains("public.migrated_without_key"));
			}
			else {
				assertThat(output).contains("DataSource 'dataSource': tables are not checked, since the server is "
						+ database.serverInfo().description());
				assertThat(warnings(output)).isEmpty();
			}
		}
	}

	private static void publishReady(ConfigurableApplicationContext context) {
		context.publishEvent(new ApplicationReadyEvent(new SpringApplication(), new String[0], context, Duration.ZERO));
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getAll()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains("DataSource '"))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbSchemaCheckAutoConfiguration.class,
			DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class })
	static class Application {

	}

}
