package io.github.crdbspring.stack;

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
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the scripts that Spring Boot runs at start-up.
 */
@DatabaseTest
class SqlScriptTests {

	private TestDatabase database;

	private WireProxy proxy;

	@BeforeEach
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.proxy = testDatabase.proxy();
		testDatabase.jdbc().sql("DROP TABLE IF EXISTS hamlet").update();
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void theyRunAndAreNotRetried() {
		try (AnnotationConfigApplicationContext context = run("schema.sql")) {
			assertThat(context.getBean(TransactionRecorder.class).transactions()).isEmpty();
		}
		assertThat(hamlets()).isEqualTo(2);
	}

	@Test
	void aConflictFailsTheScript() {
		this.proxy.failNext("INSERT INTO hamlet VALUES (2)", Fault.REPLY_40001);
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> run("schema.sql"))
			.withStackTraceContaining("made up by the test");
		assertThat(hamlets()).isEqualTo(1);
	}

	@Test
	@RequiresCockroach
	void aCommitOfTheScriptsOwnIsAnError() {
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> run("with-commit.sql"))
			.withStackTraceContaining("there is no transaction in progress");
	}

	private AnnotationConfigApplicationContext run(String script) {
		return Contexts.start(this.database.url(this.proxy), ScriptConfiguration.class, "spring.sql.init.mode=always",
				"spring.sql.init.schema-locations=classpath:ecosystem/scripts/" + script);
	}

	private int hamlets() {
		return this.database.jdbc().sql("SELECT count(*) FROM hamlet").query(Integer.class).single();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceInitializationAutoConfiguration.class)
	@Import(TransactionRecorder.class)
	static class ScriptConfiguration {

	}

}
