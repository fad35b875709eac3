package io.github.crdbspring.stack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for migrations by Liquibase, which knows CockroachDB.
 */
@DatabaseTest
class LiquibaseTests {

	private static final String SEARCH_PATH = "crdb.session.search_path=public";

	private static final String POLL_RATE = "liquibase.changelogLockPollRate";

	private TestDatabase database;

	private WireProxy proxy;

	@BeforeEach
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.proxy = testDatabase.proxy();
		for (String table : List.of("databasechangelog", "databasechangeloglock", "town")) {
			testDatabase.jdbc().sql("DROP TABLE IF EXISTS " + table).update();
		}
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void changesAreMade() {
		try (AnnotationConfigApplicationContext context = migrate(SEARCH_PATH)) {
			assertThat(context.getBean(TransactionRecorder.class).transactions()).isEmpty();
		}
		assertThat(towns()).containsExactly("Bonn", "Graz");
		migrate(SEARCH_PATH).close();
		assertThat(towns()).containsExactly("Bonn", "Graz");
	}

	/**
	 * Liquibase puts the schema first in the search path, with a statement that
	 * CockroachDB has since 21.2; unless it is there already.
	 */
	@Test
	@RequiresCockroach
	void before212TheSearchPathHasToBeSet() {
		if (this.database.serverInfo().version().isAtLeast(21, 2)) {
			migrate().close();
			assertThat(towns()).containsExactly("Bonn", "Graz");
		}
		else {
			assertThatExceptionOfType(BeanCreationException.class).isThrownBy(this::migrate)
				.withStackTraceContaining("SET LOCAL SEARCH_PATH TO public");
		}
	}

	@Test
	void aConflictFailsTheChange() {
		this.proxy.failNext("INSERT INTO town (name) VALUES ('Graz')", Fault.REPLY_40001);
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> migrate(SEARCH_PATH))
			.withStackTraceContaining("made up by the test");
		if (this.database.isCockroach()) {
			assertThat(towns()).as("each statement commits on its own").containsExactly("Bonn");
			migrate(SEARCH_PATH).close();
			assertThat(towns()).as("from its beginning").containsExactly("Bonn", "Bonn", "Graz");
		}
		else {
			assertThat(towns()).isEmpty();
			migrate(SEARCH_PATH).close();
			assertThat(towns()).containsExactly("Bonn", "Graz");
		}
	}

	@Test
	void aConflictForTheLockFailsTheStartButNotTheNext() {
		migrate(SEARCH_PATH).close();
		undo();
		this.proxy.failNext("UPDATE public.databasechangeloglock SET LOCKED = TRUE", Fault.REPLY_40001);
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> migrate(SEARCH_PATH))
			.satisfies((ex) -> assertThat(FailureReason.of(ex).sqlState()).isEqualTo("40001"));
		migrate(SEARCH_PATH).close();
		assertThat(towns()).containsExactly("Bonn", "Graz");
	}

	/**
	 * The lock of the first start is in a table that has to be created without it.
	 */
	@Test
	void fromTheSecondStartOnSeveralInstancesMigrateAtTheSameTime() throws Exception {
		migrate(SEARCH_PATH).close();
		undo();
		ExecutorService threads = Executors.newFixedThreadPool(2);
		System.setProperty(POLL_RATE, "1");
		try {
			Callable<Boolean> instance = this::migrateInSpiteOfAConflict;
			List<Boolean> atOnce = new ArrayList<>();
			for (Future<Boolean> end : threads.invokeAll(List.of(instance, instance))) {
				atOnce.add(end.get());
			}
			assertThat(atOnce).as("one gets the lock").contains(true);
		}
		finally {
			System.clearProperty(POLL_RATE);
			threads.shutdownNow();
		}
		assertThat(towns()).containsExactly("Bonn", "Graz");
	}

	private void undo() {
		this.database.jdbc().sql("DELETE FROM databasechangelog").update();
		this.database.jdbc().sql("DROP TABLE town").update();
	}

	/**
	 * Start, and start again if both instances have reached for the lock at the very same
	 * time.
	 * @return whether the first start succeeded
	 */
	private boolean migrateInSpiteOfAConflict() {
		try {
			migrate(SEARCH_PATH).close();
			return true;
		}
		catch (BeanCreationException ex) {
			assertThat(FailureReason.of(ex).sqlState()).as(() -> ex.toString()).isEqualTo("40001");
			migrate(SEARCH_PATH).close();
			return false;
		}
	}

	private AnnotationConfigApplicationContext migrate(String... properties) {
		String[] all = Arrays.copyOf(properties, properties.length + 1);
		all[properties.length] = "spring.liquibase.change-log=classpath:ecosystem/liquibase/changelog.sql";
		return Contexts.start(this.database.url(this.proxy), LiquibaseConfiguration.class, all);
	}

	private List<String> towns() {
		return this.database.jdbc().sql("SELECT name FROM town ORDER BY name").query(String.class).list();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(LiquibaseAutoConfiguration.class)
	@Import(TransactionRecorder.class)
	static class LiquibaseConfiguration {

	}

}
