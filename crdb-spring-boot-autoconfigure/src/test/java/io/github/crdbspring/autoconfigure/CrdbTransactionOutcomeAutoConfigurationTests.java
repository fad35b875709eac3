package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.crdbspring.error.MissingOutcomeTableException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.OutcomePolicy;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.transaction.outcome.Outcome;
import io.github.crdbspring.transaction.outcome.OutcomeSettings;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbTransactionOutcomeAutoConfiguration}.
 */
@DatabaseTest
class CrdbTransactionOutcomeAutoConfigurationTests {

	private ApplicationContextRunner runner;

	private JdbcClient jdbc;

	@BeforeEach
	void createRunner(TestDatabase database) {
		this.jdbc = database.jdbc();
		this.jdbc.sql("DROP TABLE IF EXISTS crdb_transaction_outcome").update();
		this.jdbc.sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)").update();
		this.jdbc.sql("DELETE FROM item WHERE true").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
							CrdbTransactionOutcomeAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
							JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url());
	}

	@Test
	void byDefaultNothingIsCreatedOrAsked() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(TransactionOutcomes.class);
			context.getBean(CrdbTransactionTemplate.class).executeWithoutResult((status) -> assertThat(id()).isNull());
		});
		assertThat(this.jdbc.sql("SELECT count(*) FROM information_schema.tables WHERE table_name = ?")
			.param("crdb_transaction_outcome")
			.query(Integer.class)
			.single()).isZero();
	}

	@Test
	void withThePolicyAndTheTableEveryTransactionCanBeFoundOut() {
		this.runner
			.withPropertyValues("crdb.transaction.outcome.policy=resolve",
					"crdb.transaction.outcome.initialize-schema=always")
			.run((context) -> {
				UUID id = context.getBean(CrdbTransactionTemplate.class).execute((status) -> {
					context.getBean(JdbcClient.class).sql("INSERT INTO item VALUES (1)").update();
					return id();
				});
				assertThat(context.getBean(TransactionOutcomes.class).resolve(id)).isEqualTo(Outcome.COMMITTED);
			});
	}

	private static UUID id() {
		return TransactionAttempt.current().orElseThrow().transactionId();
	}

	@Test
	void aMissingTableStopsTheStart() {
		this.runner.withPropertyValues("crdb.transaction.outcome.policy=resolve")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("crdb_transaction_outcome")
				.satisfies((ex) -> assertThat(context.getStartupFailure())
					.hasStackTraceContaining(MissingOutcomeTableException.class.getName())));
	}

	@ParameterizedTest
	@ValueSource(classes = { AnnotatedMethod.class, OwnTemplate.class })
	void aMissingTableStopsTheStartThoughOnlyAMethodOrATemplateOfTheUsersNeedsIt(Class<?> configuration) {
		ApplicationContextRunner resolving = this.runner.withUserConfiguration(configuration);
		resolving.run((context) -> assertThat(context.getStartupFailure())
			.hasStackTraceContaining(MissingOutcomeTableException.class.getName()));
		resolving.withPropertyValues("crdb.transaction.outcome.initialize-schema=always")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void badValuesAreRefusedByTheirPropertysName() {
		this.runner.withPropertyValues("crdb.transaction.outcome.resolve-timeout=0s")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("crdb.transaction.outcome.resolve-timeout"));
		this.runner.withPropertyValues("crdb.transaction.outcome.retention=5s")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("crdb.transaction.outcome.retention"));
	}

	@Test
	void theUsersBeanWins() {
		this.runner
			.withBean("mine", TransactionOutcomes.class,
					() -> new TransactionOutcomes(new DriverManagerDataSource(),
							new OutcomeSettings(Duration.ofSeconds(1), Duration.ZERO)))
			.run((context) -> assertThat(context).getBeanNames(TransactionOutcomes.class).containsExactly("mine"));
	}

	@Test
	void switchedOffOrWithoutTheDriverThereIsNone() {
		this.runner.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost/none")
			.run((context) -> assertThat(context).doesNotHaveBean(TransactionOutcomes.class));
		this.runner.withClassLoader(new FilteredClassLoader("org.postgresql"))
			.withPropertyValues("crdb.url=", "spring.datasource.url=jdbc:h2:mem:none")
			.run((context) -> assertThat(context).doesNotHaveBean(TransactionOutcomes.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class AnnotatedMethod {

		@Bean
		Service service() {
			return new Service();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnTemplate {

		@Bean
		CrdbTransactionTemplate resolving(PlatformTransactionManager transactionManager, DataSource dataSource) {
			return new CrdbTransactionTemplate(transactionManager, dataSource,
					CrdbTransactionOptions.builder().outcome(OutcomePolicy.RESOLVE).build());
		}

	}

	static class Service {

		@CrdbTransactional(outcome = OutcomePolicy.RESOLVE)
		void transfer() {
		}

		@CrdbTransactional(outcome = OutcomePolicy.RESOLVE, readOnly = true)
		void read() {
		}

	}

}
