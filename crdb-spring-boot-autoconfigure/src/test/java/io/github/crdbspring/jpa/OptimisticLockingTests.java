package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.error.FailureReason;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.OptimisticLockException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for version checks of JPA that fail, which are the user's own business unless
 * {@code crdb.transaction.retry-optimistic-locking} is set.
 */
@DatabaseTest
class OptimisticLockingTests {

	private final List<Integer> attempts = new ArrayList<>();

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		testDatabase.jdbc()
			.sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY, version INT NOT NULL, amount INT NOT NULL)")
			.update();
		testDatabase.jdbc().sql("DELETE FROM item").update();
		testDatabase.jdbc().sql("INSERT INTO item VALUES (1, 0, 100)").update();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
					CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
					HibernateJpaAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withPropertyValues("crdb.url=" + testDatabase.url(), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "spring.datasource.hikari.maximum-pool-size=3",
					"spring.datasource.hikari.minimum-idle=0", "crdb.transaction.retry-spring-transactional=true")
			.withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Item.class.getName()))
			.withBean(Service.class);
	}

	@Test
	void byDefaultTheExceptionOfTheBodyIsThrownOn() {
		AtomicReference<RuntimeException> thrown = new AtomicReference<>();
		withStaleItem((context, entityManager) -> {
			assertThatExceptionOfType(OptimisticLockException.class)
				.isThrownBy(() -> context.getBean(Service.class).crdb((attempt) -> {
					change(entityManager, attempt);
					try {
						entityManager.flush();
					}
					catch (OptimisticLockException ex) {
						thrown.set(ex);
						throw ex;
					}
				}))
				.satisfies((ex) -> assertThat(ex).isSameAs(thrown.get()));
			assertThat(this.attempts).containsExactly(1);
			assertThat(amount()).isEqualTo(1100);
		});
	}

	@Test
	void byDefaultTheExceptionOfTheCommitIsThrownOn() {
		withStaleItem((context, entityManager) -> {
			assertThatExceptionOfType(OptimisticLockingFailureException.class)
				.isThrownBy(() -> context.getBean(Service.class).crdb((attempt) -> change(entityManager, attempt)));
			assertThat(this.attempts).containsExactly(1);
			assertThat(amount()).isEqualTo(1100);
		});
	}

	@ParameterizedTest
	@EnumSource
	void onRequestTheBodyIsRunAgain(Kind kind) {
		retry();
		withStaleItem((context, entityManager) -> {
			kind.run(context.getBean(Service.class), (attempt) -> {
				change(entityManager, attempt);
				entityManager.flush();
			});
			assertThat(this.attempts).containsExactly(1, 2);
			assertThat(amount()).isEqualTo(1105);
		});
	}

	@ParameterizedTest
	@EnumSource
	void onRequestACommitIsRunAgain(Kind kind) {
		retry();
		withStaleItem((context, entityManager) -> {
			kind.run(context.getBean(Service.class), (attempt) -> change(entityManager, attempt));
			assertThat(this.attempts).containsExactly(1, 2);
			assertThat(amount()).isEqualTo(1105);
		});
	}

	@Test
	void oneThatIsSwallowedInANestedCallRunsTheOutermostAgain() {
		retry();
		withStaleItem((context, entityManager) -> {
			Service service = context.getBean(Service.class);
			service.crdb((outer) -> {
				try {
					service.crdb((attempt) -> {
						change(entityManager, attempt);
						entityManager.flush();
					});
				}
				catch (OptimisticLockException ex) {
					// Swallowing it does not make the transaction whole
				}
			});
			assertThat(this.attempts).containsExactly(1, 2);
			assertThat(amount()).isEqualTo(1105);
		});
	}

	@Test
	void oneThatIsSwallowedRollsBack() {
		withStaleItem((context, entityManager) -> {
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> context.getBean(Service.class).crdb((attempt) -> {
					change(entityManager, attempt);
					assertThatExceptionOfType(OptimisticLockException.class).isThrownBy(entityManager::flush);
				}));
			assertThat(this.attempts).containsExactly(1);
			assertThat(amount()).isEqualTo(1100);
		});
	}

	@Test
	void aVersionThatTheCallerHasReadStaysOutdated() {
		retry();
		withStaleItem((context, entityManager) -> {
			Item item = entityManager.find(Item.class, 1);
			entityManager.detach(item);
			assertThatExceptionOfType(MaxAttemptsExceededException.class)
				.isThrownBy(() -> context.getBean(Service.class).crdb((attempt) -> {
					this.attempts.add(attempt);
					entityManager.merge(item);
				}))
				.withCauseInstanceOf(OptimisticLockException.class)
				.satisfies((ex) -> assertThat(FailureReason.of(ex.getCause()))
					.isEqualTo(new FailureReason(null, "OPTIMISTIC_LOCK")));
			assertThat(this.attempts).containsExactly(1, 2, 3);
			assertThat(amount()).isEqualTo(1100);
		});
	}

	private void retry() {
		this.runner = this.runner.withPropertyValues("crdb.transaction.retry-optimistic-locking=true");
	}

	/**
	 * Do something with a persistence context that was open before the transaction, as it
	 * is in a web request, and whose item somebody else has changed in the meantime.
	 * Within one serializable transaction that would be a conflict, SQLSTATE 40001.
	 */
	private void withStaleItem(BiConsumer<ApplicationContext, EntityManager> test) {
		this.runner.run((context) -> {
			EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
			EntityManager open = factory.createEntityManager();
			TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(open));
			try {
				EntityManager entityManager = context.getBean(EntityManager.class);
				assertThat(entityManager.find(Item.class, 1).getAmount()).isEqualTo(100);
				this.database.jdbc().sql("UPDATE item SET version = 1, amount = 1100").update();
				test.accept(context, entityManager);
			}
			finally {
				TransactionSynchronizationManager.unbindResource(factory);
				open.close();
			}
		});
	}

	private void change(EntityManager entityManager, int attempt) {
		this.attempts.add(attempt);
		entityManager.find(Item.class, 1).add(5);
	}

	private int amount() {
		return this.database.jdbc().sql("SELECT amount FROM item").query(Integer.class).single();
	}

}
