package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.PersistenceException;
import jakarta.persistence.Table;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions of JPA.
 */
@DatabaseTest
class JpaTests {

	private static Conflicts conflicts;

	private static WireProxy proxy;

	private static EntityManagerFactory factory;

	private static CrdbTransactionTemplate template;

	private final EntityManager entityManager = SharedEntityManagerCreator.createSharedEntityManager(factory);

	private final List<Integer> attempts = new ArrayList<>();

	@BeforeAll
	static void start(TestDatabase database) {
		conflicts = new Conflicts(database);
		proxy = database.proxy();
		CrdbDataSource dataSource = new CrdbDataSource(database.pool(2, proxy));
		LocalContainerEntityManagerFactoryBean bean = new LocalContainerEntityManagerFactoryBean();
		bean.setDataSource(dataSource);
		bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		bean.setPackagesToScan(JpaTests.class.getPackageName());
		bean.afterPropertiesSet();
		factory = bean.getObject();
		JpaTransactionManager transactionManager = new JpaTransactionManager(factory);
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.backoff(new BackoffSettings(Duration.ZERO, 1, Duration.ZERO, 0))
			.build();
		template = new CrdbTransactionTemplate(transactionManager, dataSource, CrdbTransactionOptions.none(), settings);
	}

	@AfterAll
	static void stop() throws Exception {
		factory.close();
		proxy.close();
	}

	@BeforeEach
	void resetAccounts() {
		conflicts.reset();
	}

	@Test
	void aConflictInTheFlushOfACommitIsRetriedWithAPersistenceContextOfItsOwn() {
		List<Object> contexts = new ArrayList<>();
		template.executeWithoutResult((status) -> {
			contexts.add(this.entityManager.getDelegate());
			JpaAccount account = this.entityManager.find(JpaAccount.class, 1);
			if (attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			account.balance += 5;
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(contexts).doesNotHaveDuplicates();
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void aConflictAtCommitIsRetried() {
		template.executeWithoutResult((status) -> {
			int balance = this.entityManager.find(JpaAccount.class, 1).balance;
			Runnable write = () -> this.entityManager
				.createQuery("UPDATE JpaAccount a SET a.balance = :balance WHERE a.id = 2")
				.setParameter("balance", balance)
				.executeUpdate();
			if (attempt() == 1) {
				conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(2)).isEqualTo(1100);
	}

	@Test
	void anUnknownOutcomeIsReported() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				this.entityManager.find(JpaAccount.class, 1).balance += attempt();
				proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}));
		assertThat(this.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(101);
	}

	@Test
	void aConnectionLostInAStatementIsRetried() {
		template.executeWithoutResult((status) -> {
			JpaAccount account = this.entityManager.find(JpaAccount.class, 1);
			if (attempt() == 1) {
				proxy.failNext("update", Fault.CUT_BEFORE);
			}
			account.balance += 5;
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void aSwallowedErrorIsReported() {
		assertThatExceptionOfType(SilentRollbackException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				attempt();
				try {
					this.entityManager.createNativeQuery("INSERT INTO account VALUES (1, 0)").executeUpdate();
				}
				catch (PersistenceException ex) {
					// Swallowing it is what is tested
				}
			}));
		assertThat(this.attempts).containsExactly(1);
	}

	@Test
	void aConflictAfterANativeQueryThatCommittedIsNotRetried() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				this.entityManager.find(JpaAccount.class, 1).balance += attempt();
				this.entityManager.flush();
				this.entityManager.createNativeQuery("COMMIT").executeUpdate();
				JpaAccount second = this.entityManager.find(JpaAccount.class, 2);
				conflicts.lostUpdate(2);
				second.balance += 5;
				this.entityManager.flush();
			}));
		assertThat(this.attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(101);
		assertThat(conflicts.balance(2)).isEqualTo(1100);
	}

	@Test
	void anOpenPersistenceContextDoesNotCarryEntitiesIntoTheNextAttempt() {
		List<JpaAccount> accounts = new ArrayList<>();
		withOpenEntityManagerInView(() -> template
			.executeWithoutResult(CrdbTransactionOptions.builder().idempotent(true).build(), (status) -> {
				JpaAccount account = this.entityManager.find(JpaAccount.class, 1);
				accounts.add(account);
				if (attempt() == 1) {
					proxy.failNext("COMMIT", Fault.REPLY_40003);
				}
				account.balance += 5;
			}));
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(accounts).doesNotHaveDuplicates();
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	@Test
	void anOpenPersistenceContextIsClearedWhateverTheTransactionManagerDoes() {
		withOpenEntityManagerInView(() -> {
			JpaAccount account = this.entityManager.find(JpaAccount.class, 1);
			assertThat(this.entityManager.contains(account)).isTrue();
			PersistenceContext.of(template.getTransactionManager()).clearAfter(new IllegalStateException("failed"));
			assertThat(this.entityManager.contains(account)).isFalse();
		});
	}

	private static void withOpenEntityManagerInView(Runnable request) {
		EntityManager entityManager = factory.createEntityManager();
		TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(entityManager));
		try {
			request.run();
		}
		finally {
			TransactionSynchronizationManager.unbindResource(factory);
			entityManager.close();
		}
	}

	@Test
	void optionsReachTheServer() {
		proxy.clear();
		template.executeWithoutResult(
				CrdbTransactionOptions.builder().isolation(Isolation.SERIALIZABLE).readOnly(true).build(),
				(status) -> this.entityManager.find(JpaAccount.class, 1));
		assertThat(proxy.statements()).startsWith("BEGIN READ ONLY", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
	}

	private int attempt() {
		int number = TransactionAttempt.current().orElseThrow().number();
		this.attempts.add(number);
		return number;
	}

	/**
	 * An account as an entity.
	 */
	@Entity(name = "JpaAccount")
	@Table(name = "account")
	static class JpaAccount {

		@Id
		private int id;

		private int balance;

	}

}
