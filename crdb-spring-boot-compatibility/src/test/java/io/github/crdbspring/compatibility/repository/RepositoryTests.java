package io.github.crdbspring.compatibility.repository;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.crdbspring.autoconfigure.CrdbDataJdbcAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDisabledAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.TransactionOutcome;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import jakarta.persistence.EntityManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.jdbc.repository.support.SimpleJdbcRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.jpa.repository.support.JpaEntityInformation;
import org.springframework.data.jpa.repository.support.SimpleJpaRepository;
import org.springframework.data.mapping.PersistentEntity;
import org.springframework.data.relational.core.mapping.event.BeforeSaveCallback;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for repositories of Spring Data JDBC and JPA: those that are annotated, and those
 * whose own transactions are retried.
 */
@DatabaseTest
class RepositoryTests {

	private TestDatabase database;

	private JdbcClient rival;

	@BeforeEach
	void createOwner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.rival = testDatabase.jdbc();
		this.rival.sql("CREATE TABLE IF NOT EXISTS owner (id INT PRIMARY KEY, name VARCHAR(50))").update();
		this.rival.sql("DELETE FROM owner").update();
		this.rival.sql("INSERT INTO owner VALUES (1, 'George')").update();
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void anAnnotationOnTheInterfaceIsAboutAllItsMethods(Stack stack) {
		runner(stack).run((context) -> {
			OwnerRepository repository = context.getBean(OwnerRepository.class);
			assertRetried(context, "OwnerRepository.save", () -> repository.save(new Owner(1, "Betty")));
			assertThat(repository.findByName("Betty")).hasSize(1);
			assertThat(repository.count()).isOne();
			assertEnds(context, "OwnerRepository.findByName COMMITTED 1", "OwnerRepository.count COMMITTED 1");
			assertRetried(context, "OwnerRepository.saveBoth",
					() -> repository.saveBoth(new Owner(1, "Eduardo"), new Owner(1, "Harold")));
			assertRetried(context, "OwnerRepository.renameWithoutAnnotation",
					() -> repository.renameWithoutAnnotation(1, "Peter"));
			assertThat(name()).isEqualTo("Peter");
		});
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void anAnnotationOnAMethodIsAboutThatMethod(Stack stack) {
		runner(stack).run((context) -> {
			MethodOwnerRepository repository = context.getBean(MethodOwnerRepository.class);
			assertRetried(context, "MethodOwnerRepository.save", () -> repository.save(new Owner(1, "Betty")));
			assertThat(repository.count()).isOne();
			assertThat(repository.findById(1)).isPresent();
			assertEnds(context, "counting COMMITTED 1");
		});
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void anAnnotationInAFragmentCounts(Stack stack) {
		runner(stack).run((context) -> {
			PlainOwnerRepository plain = context.getBean(PlainOwnerRepository.class);
			assertRetried(context, "PlainOwnerRepository.rename", () -> plain.rename(1, "Betty"));
			OwnerRepository annotated = context.getBean(OwnerRepository.class);
			assertRetried(context, "OwnerRepository.rename", () -> annotated.rename(1, "Harold"));
			RenamingImpl fragment = context.getBean(RenamingImpl.class);
			assertRetried(context, "RenamingImpl.rename", () -> fragment.rename(1, "Peter"));
			assertThat(name()).isEqualTo("Peter");
		});
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void anAnnotationOnTheBaseClassIsAboutAllRepositories(Stack stack) {
		runner(stack).withUserConfiguration(stack.baseClassConfiguration).run((context) -> {
			PlainOwnerRepository repository = context.getBean(PlainOwnerRepository.class);
			assertRetried(context, "PlainOwnerRepository.save", () -> repository.save(new Owner(1, "Betty")));
			assertThat(repository.count()).isOne();
			assertEnds(context, "PlainOwnerRepository.count COMMITTED 1");
		});
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void aRepositoryWithoutAnnotationsIsLeftAsItIs(Stack stack) {
		runner(stack).run((context) -> {
			PlainOwnerRepository repository = context.getBean(PlainOwnerRepository.class);
			conflict(context);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> repository.save(new Owner(1, "Betty")))
				.havingRootCause()
				.isInstanceOfSatisfying(SQLException.class, (ex) -> assertThat(ex.getSQLState()).isEqualTo("40001"));
			assertEnds(context);
		});
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void transactionsOfSpringDatasOwnAreRetriedOnRequest(Stack stack) {
		runner(stack).withPropertyValues("crdb.transaction.retry-spring-transactional=true").run((context) -> {
			PlainOwnerRepository repository = context.getBean(PlainOwnerRepository.class);
			assertRetried(context, "PlainOwnerRepository.save", () -> repository.save(new Owner(1, "Betty")));
			assertRetried(context, "PlainOwnerRepository.renameWithSpring",
					() -> repository.renameWithSpring(1, "Harold"));
			assertRetried(context, "PlainOwnerRepository.rename", () -> repository.rename(1, "Peter"));
			OwnerRepository annotated = context.getBean(OwnerRepository.class);
			assertRetried(context, "OwnerRepository.save", () -> annotated.save(new Owner(1, "Jean")));
			assertThat(name()).isEqualTo("Jean");
		});
	}

	@ParameterizedTest
	@EnumSource(Stack.class)
	void aRepositoryIsAdvisedOnce(Stack stack) {
		runner(stack).withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertThat(((Advised) context.getBean(OwnerRepository.class)).getAdvisors())
				.extracting(Advisor::getAdvice)
				.extracting((advice) -> advice.getClass().getSimpleName())
				.doesNotContain("CrdbTransactionInterceptor"));
	}

	@Test
	void aMethodThatCannotBeRunAgainIsRefused() {
		runner(Stack.JDBC)
			.withInitializer((context) -> AutoConfigurationPackages.register(
					(BeanDefinitionRegistry) context.getBeanFactory(), "io.github.crdbspring.compatibility.mistaken"))
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("StreamRepository.readAllByName(")
				.hasMessageContaining("cannot be run again"));
	}

	@Test
	void anAnnotatedRepositoryIsRefusedWhileTheLibraryIsDisabled() {
		runner(Stack.JDBC).withConfiguration(AutoConfigurations.of(CrdbDisabledAutoConfiguration.class))
			.withPropertyValues("crdb.enabled=false", "spring.datasource.url=jdbc:postgresql://localhost:1/none",
					"spring.data.jdbc.dialect=postgresql")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("crdb.enabled is false"));
	}

	@Test
	void anApplicationStartsWithoutBootsRepositories() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataJdbcAutoConfiguration.class,
					CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + this.database.url())
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private ApplicationContextRunner runner(Stack stack) {
		return stack.apply(new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + this.database.url(), "crdb.transaction.backoff.initial-interval=0",
					"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.minimum-idle=0")
			.withInitializer((context) -> AutoConfigurationPackages
				.register((BeanDefinitionRegistry) context.getBeanFactory(), getClass().getPackageName()))
			.withBean(EndRecorder.class)
			.withUserConfiguration(CallbackConfiguration.class));
	}

	/**
	 * Have somebody change the owner after the next transaction has read it, and before
	 * it writes.
	 */
	private void conflict(AssertableApplicationContext context) {
		JdbcClient jdbc = context.getBean(JdbcClient.class);
		Interference.prepare(() -> {
			jdbc.sql("SELECT name FROM owner WHERE id = 1").query(String.class).single();
			this.rival.sql("UPDATE owner SET name = name || '!' WHERE id = 1").update();
		});
	}

	private void assertRetried(AssertableApplicationContext context, String name, Runnable call) {
		conflict(context);
		call.run();
		assertEnds(context, name + " COMMITTED 2");
	}

	private static void assertEnds(AssertableApplicationContext context, String... ends) {
		List<String> recorded = context.getBean(EndRecorder.class).ends;
		assertThat(recorded).containsExactly(ends);
		recorded.clear();
	}

	private String name() {
		return this.rival.sql("SELECT name FROM owner WHERE id = 1").query(String.class).single();
	}

	/**
	 * What the repositories are made of.
	 */
	enum Stack {

		JDBC(JdbcBaseClassConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class),
		JPA(JpaBaseClassConfiguration.class, HibernateJpaAutoConfiguration.class,
				DataJpaRepositoriesAutoConfiguration.class);

		private final Class<?> baseClassConfiguration;

		private final Class<?>[] configurations;

		Stack(Class<?> baseClassConfiguration, Class<?>... configurations) {
			this.baseClassConfiguration = baseClassConfiguration;
			this.configurations = configurations;
		}

		ApplicationContextRunner apply(ApplicationContextRunner runner) {
			return runner.withConfiguration(AutoConfigurations.of(this.configurations));
		}

	}

	/**
	 * Notes how transactions end, and after how many attempts.
	 */
	static class EndRecorder implements TransactionObserver {

		private final List<String> ends = new CopyOnWriteArrayList<>();

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return new Observed() {
				@Override
				public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome,
						@Nullable Throwable failure) {
					EndRecorder.this.ends
						.add(options.name() + " " + outcome + " " + ((last != null) ? last.number() : 0));
				}
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CallbackConfiguration {

		@Bean
		BeforeSaveCallback<Owner> interference() {
			return (owner, change) -> {
				owner.beforeUpdate();
				return owner;
			};
		}

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Owner.class.getName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(repositoryBaseClass = JdbcBaseClass.class)
	static class JdbcBaseClassConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJpaRepositories(repositoryBaseClass = JpaBaseClass.class)
	static class JpaBaseClassConfiguration {

	}

	@CrdbTransactional
	static class JdbcBaseClass<T, I> extends SimpleJdbcRepository<T, I> {

		JdbcBaseClass(JdbcAggregateOperations operations, PersistentEntity<T, ?> entity, JdbcConverter converter) {
			super(operations, entity, converter);
		}

	}

	@CrdbTransactional
	static class JpaBaseClass<T, I> extends SimpleJpaRepository<T, I> {

		JpaBaseClass(JpaEntityInformation<T, ?> information, EntityManager entityManager) {
			super(information, entityManager);
		}

	}

}
