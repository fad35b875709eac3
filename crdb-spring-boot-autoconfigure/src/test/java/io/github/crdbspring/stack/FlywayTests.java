package io.github.crdbspring.stack;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for migrations by Flyway, which has its own support for CockroachDB.
 */
@DatabaseTest
class FlywayTests {

	private static final String HISTORY = "flyway_schema_history";

	private TestDatabase database;

	private WireProxy proxy;

	@BeforeEach
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.proxy = testDatabase.proxy();
		for (String table : List.of(HISTORY, "city", "village")) {
			testDatabase.jdbc().sql("DROP TABLE IF EXISTS " + table).update();
		}
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void migrationsRun() {
		try (AnnotationConfigApplicationContext context = migrate("good")) {
			assertThat(context.getBean(Flyway.class).info().applied()).hasSize(2);
			assertThat(cities()).containsExactly("Köln", "Wien");
		}
		assertThat(this.proxy.statements()).noneMatch((sql) -> this.database.isCockroach() && sql.contains("advisory"));
		try (AnnotationConfigApplicationContext context = migrate("good", "spring.flyway.group=true")) {
			assertThat(context.getBean(Flyway.class).info().pending()).isEmpty();
		}
	}

	@Test
	void aGroupOfMigrationsRuns() {
		try (AnnotationConfigApplicationContext context = migrate("good", "spring.flyway.group=true")) {
			assertThat(cities()).containsExactly("Köln", "Wien");
		}
	}

	@Test
	void aMigrationThatFailsLeavesBehindWhatCameBefore() {
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> migrate("bad"));
		boolean created = this.database.jdbc()
			.sql("SELECT count(*) FROM information_schema.tables WHERE table_name = 'village'")
			.query(Integer.class)
			.single() == 1;
		assertThat(created).isEqualTo(this.database.isCockroach());
	}

	@Test
	void severalInstancesMigrateAtTheSameTime() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(3);
		try {
			Callable<Integer> instance = () -> {
				try (AnnotationConfigApplicationContext context = migrate("good")) {
					return context.getBean(Flyway.class).info().applied().length;
				}
			};
			for (var applied : threads.invokeAll(List.of(instance, instance, instance))) {
				assertThat(applied.get()).isEqualTo(2);
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(cities()).containsExactly("Köln", "Wien");
	}

	/**
	 * On CockroachDB, Flyway has each statement commit on its own, and takes a note of
	 * the failure.
	 */
	@Test
	void aConflictFailsTheMigration() {
		this.proxy.failNext("INSERT INTO city (name) VALUES ('Wien')", Fault.REPLY_40001);
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> migrate("good"))
			.withStackTraceContaining("made up by the test");
		if (this.database.isCockroach()) {
			assertThat(cities()).containsExactly("Köln");
			assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> migrate("good"))
				.withStackTraceContaining("failed migration");
		}
		else {
			assertThat(cities()).isEmpty();
			migrate("good").close();
			assertThat(cities()).containsExactly("Köln", "Wien");
		}
	}

	@Test
	void nothingOfThisLibraryRetriesMigrations() {
		try (AnnotationConfigApplicationContext context = migrate("good")) {
			assertThat(context.getBean(Flyway.class).getConfiguration().getDataSource())
				.isInstanceOf(CrdbDataSource.class);
			assertThat(context.getBean(TransactionRecorder.class).transactions()).isEmpty();
		}
	}

	private AnnotationConfigApplicationContext migrate(String migrations, String... properties) {
		String[] all = Arrays.copyOf(properties, properties.length + 2);
		all[properties.length + 1] = Contexts.usualIsolation(this.database);
		all[properties.length] = "spring.flyway.locations=classpath:ecosystem/flyway/" + migrations;
		return Contexts.start(this.database.url(this.proxy), FlywayConfiguration.class, all);
	}

	private List<String> cities() {
		JdbcClient jdbc = this.database.jdbc();
		return jdbc.sql("SELECT name FROM city ORDER BY name").query(String.class).list();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(FlywayAutoConfiguration.class)
	@Import(TransactionRecorder.class)
	static class FlywayConfiguration {

	}

}
