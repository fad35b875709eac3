package io.github.crdbspring.transaction;

import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.BaseConnection;

import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for the transaction managers that a template takes: those whose transactions are
 * on its DataSource.
 */
class TransactionManagerTests extends AccountTests {

	private static final CrdbTransactionOptions NONE = CrdbTransactionOptions.none();

	private final WireProxy proxy = database.proxy();

	private final HikariDataSource pool = database.pool(2, this.proxy);

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(this.pool));

	@AfterEach
	void closeProxy() throws Exception {
		TransactionSynchronizationManager.clear();
		this.proxy.close();
	}

	@Test
	void oneThatHasNoTransactionsOfADatabaseIsRefusedBeforeTheCallback() {
		assertRefused(new ResourcelessTransactionManager());
	}

	@ParameterizedTest
	@ValueSource(ints = { AbstractPlatformTransactionManager.SYNCHRONIZATION_ALWAYS,
			AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER })
	void oneOfAnotherProductIsRefusedBeforeTheCallback(int synchronization) {
		MessagingTransactionManager transactionManager = new MessagingTransactionManager();
		transactionManager.setTransactionSynchronization(synchronization);
		assertRefused(transactionManager);
		assertThat(transactionManager.underWay).as("what was begun is rolled back").isZero();
	}

	@Test
	void oneThatHidesAnotherDataSourceIsRefusedBeforeTheCallback() {
		CrdbDataSource other = new CrdbDataSource(database.pool(1));
		assertRefused(new DelegatingTransactionManager(new JdbcTransactionManager(other)));
	}

	@Test
	void oneThatHidesTheSameDataSourceIsTaken() {
		CrdbTransactionTemplate template = new CrdbTransactionTemplate(
				new DelegatingTransactionManager(this.fixture.transactionManager), this.fixture.dataSource, NONE);
		template.executeWithoutResult((status) -> {
			Conflicts.read(this.fixture.jdbc, 1);
			if (this.fixture.attempt() == 1) {
				conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.fixture.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(1105);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whatTheConnectionHasNotSeenCommittedIsUnknown(boolean write) {
		CrdbTransactionTemplate template = new CrdbTransactionTemplate(
				new BypassingTransactionManager(this.fixture.dataSource), this.fixture.dataSource, NONE);
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
				this.fixture.attempt();
				if (write) {
					Conflicts.add(this.fixture.jdbc, 1, 5);
				}
			}));
		assertThat(this.fixture.attempts).containsExactly(1);
	}

	@Test
	void oneOfJpaOnAnotherDataSourceIsRefusedAtOnce() {
		CrdbDataSource other = new CrdbDataSource(database.pool(1));
		try (EntityManagerFactory factory = entityManagerFactory(other)) {
			JpaTransactionManager transactionManager = new JpaTransactionManager(factory);
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new CrdbTransactionTemplate(transactionManager, this.fixture.dataSource, NONE))
				.withMessageContaining("'dataSource'");
			assertThat(new CrdbTransactionTemplate(transactionManager, other, NONE)).isNotNull();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JOIN", "JOIN_ANY", "REJECT" })
	void askingForATransactionThatHasNoSynchronizationLeavesNoneBehind(NestedTransactionPolicy policy) {
		JdbcTransactionManager without = new JdbcTransactionManager(this.fixture.dataSource);
		without.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().nested(policy).build();
		Runnable inner = () -> this.fixture.template()
			.executeWithoutResult(options, (status) -> Conflicts.add(this.fixture.jdbc, 1, 5));
		new TransactionTemplate(without).executeWithoutResult((status) -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			if (policy == NestedTransactionPolicy.JOIN_ANY) {
				inner.run();
			}
			else {
				assertThatExceptionOfType(NestedTransactionRejectedException.class).isThrownBy(inner::run);
			}
			assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
		});
		assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
		assertThat(conflicts.balance(1)).isEqualTo((policy == NestedTransactionPolicy.JOIN_ANY) ? 110 : 105);
	}

	private void assertRefused(PlatformTransactionManager transactionManager) {
		assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> new CrdbTransactionTemplate(transactionManager, this.fixture.dataSource, NONE)
				.executeWithoutResult((status) -> {
					this.fixture.attempt();
					Conflicts.add(this.fixture.jdbc, 1, 5);
				}))
			.withMessageContaining("DataSource");
		assertThat(this.fixture.attempts).isEmpty();
		assertThat(conflicts.balance(1)).isEqualTo(100);
		assertThat(this.proxy.statements()).noneMatch((sql) -> sql.startsWith("UPDATE"));
		assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
		assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
	}

	private static EntityManagerFactory entityManagerFactory(DataSource dataSource) {
		LocalContainerEntityManagerFactoryBean bean = new LocalContainerEntityManagerFactoryBean();
		bean.setDataSource(dataSource);
		bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		bean.setManagedTypes(PersistenceManagedTypes.of(JpaTests.JpaAccount.class.getName()));
		bean.afterPropertiesSet();
		return bean.getObject();
	}

	/**
	 * Has transactions, but none of a database, as those of message brokers.
	 */
	@SuppressWarnings("serial")
	private static final class MessagingTransactionManager extends AbstractPlatformTransactionManager {

		private int underWay;

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.underWay++;
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			throw new IllegalStateException("Nothing is to be committed");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			this.underWay--;
		}

	}

	/**
	 * Commits where the guarded connection does not see it.
	 */
	@SuppressWarnings("serial")
	private static final class BypassingTransactionManager extends DataSourceTransactionManager {

		BypassingTransactionManager(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			try {
				DataSourceUtils.getConnection(obtainDataSource()).unwrap(BaseConnection.class).commit();
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	/**
	 * Does not tell whose transactions it begins and ends.
	 *
	 * @param target begins and ends them
	 */
	private record DelegatingTransactionManager(
			PlatformTransactionManager target) implements PlatformTransactionManager {

		@Override
		public TransactionStatus getTransaction(TransactionDefinition definition) {
			return this.target.getTransaction(definition);
		}

		@Override
		public void commit(TransactionStatus status) {
			this.target.commit(status);
		}

		@Override
		public void rollback(TransactionStatus status) {
			this.target.rollback(status);
		}

	}

}
