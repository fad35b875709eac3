package io.github.crdbspring.data;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;

import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;

/**
 * Tests that write entities of Spring Data JDBC, and read them back.
 */
@DatabaseTest
abstract class EntityTests {

	static JdbcAggregateTemplate template;

	private static AnnotationConfigApplicationContext context;

	/**
	 * Start an application whose statements create what its entities need.
	 */
	static void start(TestDatabase database, Class<?> application, String... statements) {
		for (String statement : statements) {
			database.jdbc().sql(statement).update();
		}
		context = new AnnotationConfigApplicationContext();
		TestPropertyValues.of("crdb.url=" + database.url()).applyTo(context);
		context.register(application);
		context.refresh();
		template = context.getBean(JdbcAggregateTemplate.class);
	}

	@AfterAll
	static void stop() {
		context.close();
	}

}
