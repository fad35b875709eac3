package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.CrdbDataSourcePostProcessor;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what {@link JdbcTest} takes of the auto-configuration. Nothing listens where
 * the URL points to, so the tests run without the transaction that the slice begins.
 */
class JdbcTestSliceTests {

	private static final String URL = "crdb.url=postgresql://maxroach:secret@localhost:1/bank?sslmode=disable";

	private static final String NO_MIGRATION = "spring.flyway.enabled=false";

	@Nested
	@JdbcTest(properties = { URL, NO_MIGRATION })
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	class OnTheConfiguredDatabase {

		@Test
		void dataSourceTemplateAndAnnotationAreThere(@Autowired ApplicationContext context) {
			assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
			assertThat(context.getBeansOfType(CrdbTransactionTemplate.class)).hasSize(1);
			assertThat(context.getBeansOfType(CrdbTransactionalAdvisor.class)).hasSize(1);
			assertThat(context.getBeansOfType(TransactionOutcomes.class)).hasSize(1);
			assertThat(context.getBeansOfType(SslBundles.class)).as("for crdb.ssl.bundle").hasSize(1);
		}

	}

	@Nested
	@JdbcTest(properties = { URL, NO_MIGRATION, "crdb.enabled=false" })
	@ContextConfiguration(classes = Application.class)
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	class Disabled {

		@Test
		void nothingIsThere(@Autowired ApplicationContext context) {
			assertThat(context.getBeansOfType(CrdbDataSourcePostProcessor.class)).isEmpty();
			assertThat(context.getBeansOfType(CrdbTransactionalAdvisor.class)).isEmpty();
		}

	}

	/**
	 * As with {@code spring.datasource.url}, a database that is not said to be one for
	 * tests is replaced.
	 */
	@Nested
	@JdbcTest(properties = { URL, NO_MIGRATION })
	@ContextConfiguration(classes = Application.class)
	class OnAnEmbeddedDatabase {

		@Test
		void theEmbeddedDatabaseIsLeftAsItIs(@Autowired DataSource dataSource) {
			assertThat(dataSource).isInstanceOf(EmbeddedDatabase.class);
		}

	}

	@SpringBootConfiguration
	static class Application {

	}

}
