package io.github.crdbspring.autoconfigure;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionListener;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbTransactionAutoConfiguration} and
 * {@link CrdbDisabledAutoConfiguration}.
 */
@DatabaseTest
class CrdbTransactionAutoConfigurationTests {

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase database) {
		database.jdbc().sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)").update();
		database.jdbc().sql("DELETE FROM item").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class, CrdbDisabledAutoConfiguration.class,
							CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
							JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + database.url(), "crdb.transaction.backoff.initial-interval=0",
					"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.minimum-idle=0");
	}

	@Test
	void anAnnotatedMethodIsRetriedWithoutAspectJAndWithoutFurtherConfiguration() {
		assertThat(ClassUtils.isPresent("org.aspectj.weaver.Advice", null)).isFalse();
		this.runner.withUserConfiguration(ServiceConfiguration.class).run((context) -> {
			ItemService service = context.getBean(ItemService.class);
			service.insertWithConflict();
			assertThat(service.attempts()).containsExactly(1, 2);
			assertThat(context.getBean(RecordingListener.class).events)
				.containsExactly("retry ItemService.insertWithConflict", "success ItemService.insertWithConflict");
		});
	}

	@Test
	void eachAttemptOfAMethodThatIsAlsoTransactionalHasItsOwnTransaction() {
		this.runner.withUserConfiguration(ServiceConfiguration.class).run((context) -> {
			ItemService service = context.getBean(ItemService.class);
			service.insertWithConflictAndSpringsAnnotation();
			assertThat(service.attempts()).containsExactly(1, 2);
		});
	}

	@Test
	void injectionPointsForSpringsTypesStayWhatTheyWere() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(CrdbTransactionTemplate.class);
			assertThat(context.getBean(TransactionTemplate.class)).isNotNull();
			assertThat(context.getBean(TransactionOperations.class)).isInstanceOf(TransactionTemplate.class);
		});
	}

	@Test
	void theUsersTemplateWins() {
		this.runner.withUserConfiguration(TemplateConfiguration.class).run((context) -> {
			assertThat(context).hasSingleBean(CrdbTransactionTemplate.class).hasBean("usersTemplate");
			assertThat(context.getBean(TransactionOperations.class)).isNotNull();
		});
	}

	@Test
	void propertiesAreTheDefaultsOfTheTemplate() {
		this.runner
			.withPropertyValues("crdb.transaction.max-attempts=3", "crdb.transaction.timeout=7s",
					"crdb.transaction.nested=reject")
			.run((context) -> {
				TransactionAttempt attempt = context.getBean(CrdbTransactionTemplate.class)
					.execute((status) -> TransactionAttempt.current().orElseThrow());
				assertThat(attempt.maxAttempts()).isEqualTo(3);
				assertThat(attempt.options().timeout()).isEqualTo(Duration.ofSeconds(7));
				assertThat(attempt.options().nested()).hasToString("REJECT");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "max-attempts=0", "max-attempts=-1", "max-attempts=many", "timeout=0s", "timeout=soon",
			"nested=PERHAPS", "priority=URGENT", "unsupported-options=MAYBE", "backoff.initial-interval=-1ms",
			"backoff.multiplier=0.5", "backoff.max-interval=1ms", "backoff.jitter=1.5", "backoff.jitter=-0.1",
			"contention.increase=0", "contention.decrease=1", "contention.tolerance=1", "contention.stall-timeout=0s",
			"contention.enabled=perhaps" })
	void aBadValueStopsTheStartWithThePropertyNamed(String property) {
		this.runner.withPropertyValues("crdb.transaction.backoff.initial-interval=50ms", "crdb.transaction." + property)
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure())
					.hasStackTraceContaining("crdb.transaction." + property.substring(0, property.indexOf('=')));
			});
	}

	@Test
	void aTransactionManagerIsChosenByName() {
		this.runner.withUserConfiguration(TwoManagersConfiguration.class).run((context) -> {
			TwoManagersService service = context.getBean(TwoManagersService.class);
			assertThat(service.first()).isEqualTo(1);
			assertThat(service.second()).isEqualTo(2);
		});
	}

	@Test
	void aMistakeStopsTheStartWithBeanAndMethodNamed() {
		this.runner.withBean("mistaken", MistakenService.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasMessageContaining("'mistaken'")
				.hasStackTraceContaining("MistakenService.mistaken(");
		});
	}

	@Test
	void anApplicationOnAnotherProductStarts() {
		this.runner.withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:h2:mem:test"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(PlatformTransactionManager.class));
	}

	@Test
	void disabledItRefusesAnnotatedBeans() {
		this.runner.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/x")
			.withUserConfiguration(ServiceConfiguration.class)
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure()).hasStackTraceContaining("crdb.enabled")
					.hasStackTraceContaining("'itemService'");
			});
	}

	@Test
	void disabledItMakesNoBeans() {
		this.runner.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/x")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CrdbTransactionTemplate.class));
	}

	/**
	 * An annotated service.
	 */
	static class ItemService {

		private final List<Integer> attempts = new ArrayList<>();

		private final JdbcClient jdbc;

		ItemService(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		List<Integer> attempts() {
			return this.attempts;
		}

		@CrdbTransactional
		void insertWithConflict() {
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
			this.attempts.add(TransactionAttempt.current().orElseThrow().number());
			if (this.attempts.size() == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
		}

		@CrdbTransactional
		@Transactional
		void insertWithConflictAndSpringsAnnotation() {
			insertWithConflict();
		}

	}

	/**
	 * A result that is still under way.
	 */
	static class MistakenService {

		@CrdbTransactional
		Future<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	/**
	 * Notes what it is told.
	 */
	static class RecordingListener implements CrdbTransactionListener {

		private final List<String> events = new ArrayList<>();

		@Override
		public void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			this.events.add("retry " + failed.name().replaceFirst(".*Tests\\.", ""));
		}

		@Override
		public void onSuccess(TransactionAttempt last) {
			this.events.add("success " + last.name().replaceFirst(".*Tests\\.", ""));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ServiceConfiguration {

		@Bean
		ItemService itemService(JdbcClient jdbc) {
			return new ItemService(jdbc);
		}

		@Bean
		RecordingListener recordingListener() {
			return new RecordingListener();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateConfiguration {

		@Bean
		CrdbTransactionTemplate usersTemplate(PlatformTransactionManager transactionManager, DataSource dataSource) {
			return new CrdbTransactionTemplate(transactionManager, dataSource, CrdbTransactionOptions.none());
		}

	}

	/**
	 * Methods for two transaction managers.
	 */
	static class TwoManagersService {

		@CrdbTransactional(transactionManager = "firstManager", maxAttempts = 1)
		int first() {
			return TransactionAttempt.current().orElseThrow().maxAttempts();
		}

		@CrdbTransactional(transactionManager = "secondManager", maxAttempts = 2)
		int second() {
			return TransactionAttempt.current().orElseThrow().maxAttempts();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoManagersConfiguration {

		@Bean
		JdbcTransactionManager firstManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		JdbcTransactionManager secondManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		TwoManagersService twoManagersService() {
			return new TwoManagersService();
		}

	}

}
