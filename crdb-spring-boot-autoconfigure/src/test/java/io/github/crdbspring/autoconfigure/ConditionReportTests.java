package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.autoconfigure.logging.ConditionEvaluationReportMessage;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what {@code --debug} prints about this library. Nothing listens where the
 * URLs point to.
 */
class ConditionReportTests {

	private static final String URL = "crdb.url=postgresql://maxroach:secret@localhost:1/bank";

	private static final String DETAILS = "CrdbDataSourceAutoConfiguration#crdbJdbcConnectionDetails";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, CrdbDisabledAutoConfiguration.class));

	@Test
	void theUrlIsSet() {
		this.runner.withPropertyValues(URL)
			.run((context) -> assertThat(report(context))
				.contains(DETAILS + " matched: - CockroachDB URL crdb.url is set (")
				.contains("CrdbTransactionAutoConfiguration.TemplateConfiguration#crdbTransactionTemplate matched:")
				.doesNotContain("secret"));
	}

	@Test
	void nothingIsSet() {
		this.runner.withBean(JdbcConnectionDetails.class, OwnDetails::new)
			.run((context) -> assertThat(report(context))
				.contains(DETAILS + ": Did not match: - CockroachDB URL crdb.url is not set; "
						+ "neither is spring.datasource.url (OnCrdbUrlCondition)"));
	}

	@Test
	void springBootsUrlIsSet() {
		this.runner.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/bank")
			.run((context) -> assertThat(report(context))
				.contains(DETAILS + ": Did not match: - CockroachDB URL crdb.url is not set; "
						+ "spring.datasource.url is (OnCrdbUrlCondition)"));
	}

	@Test
	void bothUrlsAreSet() {
		this.runner.withPropertyValues(URL, "spring.datasource.url=jdbc:postgresql://localhost:1/bank")
			.run((context) -> assertThat(report(context))
				.contains(DETAILS + ": Did not match: - CockroachDB URL crdb.url is set, "
						+ "but spring.datasource.url wins over it (OnCrdbUrlCondition)")
				.doesNotContain("secret"));
	}

	@Test
	void theUserHasADataSource() {
		this.runner.withPropertyValues(URL)
			.withBean("ownPool", DataSource.class, HikariDataSource::new)
			.run((context) -> assertThat(report(context))
				.contains(DETAILS + ": Did not match: - @ConditionalOnMissingBean (types: ")
				.contains("found beans of type 'javax.sql.DataSource' ownPool (OnBeanCondition)"));
	}

	@Test
	void theDriverIsMissing() {
		this.runner.withPropertyValues(URL)
			.withClassLoader(new FilteredClassLoader(PGConnection.class))
			.withBean(JdbcConnectionDetails.class, OwnDetails::new)
			.run((context) -> assertThat(report(context))
				.contains("CrdbDataSourceAutoConfiguration: Did not match: - @ConditionalOnClass did not find required "
						+ "class 'org.postgresql.PGConnection' (OnClassCondition)")
				.contains(
						"CrdbTransactionAutoConfiguration: Did not match: - @ConditionalOnClass did not find required "
								+ "class 'org.postgresql.PGConnection' (OnClassCondition)"));
	}

	@Test
	void theLibraryIsDisabled() {
		this.runner.withPropertyValues(URL, "crdb.enabled=false")
			.withBean(JdbcConnectionDetails.class, OwnDetails::new)
			.run((context) -> assertThat(report(context))
				.contains("CrdbDataSourceAutoConfiguration: Did not match: - @ConditionalOnBooleanProperty "
						+ "(crdb.enabled=true) found different value in property 'crdb.enabled'")
				.contains("CrdbDisabledAutoConfiguration matched:"));
	}

	/**
	 * The report with single spaces instead of its line breaks.
	 */
	private static String report(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		ConditionEvaluationReport report = ConditionEvaluationReport
			.get(context.getSourceApplicationContext().getBeanFactory());
		return new ConditionEvaluationReportMessage(report).toString().replaceAll("\\s+", " ");
	}

	private static final class OwnDetails implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "nobody";
		}

		@Override
		public String getPassword() {
			return "";
		}

		@Override
		public String getJdbcUrl() {
			return "jdbc:postgresql://localhost:1/bank";
		}

	}

}
