package io.github.crdbspring.transaction;

import java.util.List;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for two transaction managers, of JPA and of JDBC, on one DataSource: neither
 * knows the transactions of the other, and there is one connection for both.
 */
@DatabaseTest
class SeveralTransactionManagersTests {

	private static Conflicts conflicts;

	private static WireProxy proxy;

	private static HikariDataSource pool;

	private static EntityManagerFactory factory;

	private static TransactionFixture fixture;

	private static Side jpa;

	private static Side jdbc;

	@BeforeAll
	static void start(TestDatabase database) {
		conflicts = new Conflicts(database);
		proxy = database.proxy();
		// A second connection is never to be had
		pool = database.pool(1, proxy);
		pool.setConnectionTimeout(250);
		fixture = new TransactionFixture(new CrdbDataSource(pool));
		LocalContainerEntityManagerFactoryBean bean = new LocalContainerEntityManagerFactoryBean();
		bean.setDataSource(fixture.dataSource);
		bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		bean.setManagedTypes(PersistenceManagedTypes.of(JpaTests.JpaAccount.class.getName()));
		bean.afterPropertiesSet();
		factory = bean.getObject();
		EntityManager entityManager = SharedEntityManagerCreator.createSharedEntityManager(factory);
		jpa = new Side("JPA", new JpaTransactionManager(factory),
				() -> entityManager.createQuery("UPDATE JpaAccount SET balance = balance + 5 WHERE id = 1")
					.executeUpdate());
		jdbc = new Side("JDBC", fixture.transactionManager, () -> Conflicts.add(fixture.jdbc, 1, 5));
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

	static Stream<Arguments> bothDirections() {
		return Stream.of(Arguments.of(jpa, jdbc), Arguments.of(jdbc, jpa));
	}

	static Stream<Arguments> bothDirectionsWithAllPolicies() {
		return bothDirections().flatMap((sides) -> Stream.of(NestedTransactionPolicy.values())
			.map((policy) -> Arguments.of(sides.get()[0], sides.get()[1], policy)));
	}

	@ParameterizedTest
	@MethodSource("bothDirectionsWithAllPolicies")
	void insideATransactionOfOursTheOthersIsRejected(Side outer, Side inner, NestedTransactionPolicy policy) {
		outer.template().executeWithoutResult((status) -> {
			outer.write();
			assertRejected(inner, policy);
			outer.write();
		});
		assertThat(conflicts.balance(1)).isEqualTo(110);
		verifyNothingIsLeft();
	}

	@ParameterizedTest
	@MethodSource("bothDirectionsWithAllPolicies")
	void insideATransactionOfSpringsTheOthersIsRejected(Side outer, Side inner, NestedTransactionPolicy policy) {
		outer.springs().executeWithoutResult((status) -> {
			outer.write();
			assertRejected(inner, policy);
			status.setRollbackOnly();
		});
		assertThat(conflicts.balance(1)).isEqualTo(100);
		verifyNothingIsLeft();
	}

	@ParameterizedTest
	@MethodSource("bothDirections")
	void whatWasDoneBeforeARejectionIsRolledBackWithIt(Side outer, Side inner) {
		CrdbTransactionTemplate innerTemplate = inner.template();
		assertThatExceptionOfType(NestedTransactionRejectedException.class)
			.isThrownBy(() -> outer.template().executeWithoutResult((status) -> {
				outer.write();
				innerTemplate.executeWithoutResult((innerStatus) -> inner.write());
			}));
		assertThat(conflicts.balance(1)).isEqualTo(100);
		verifyNothingIsLeft();
	}

	@ParameterizedTest
	@MethodSource("bothDirections")
	void afterNotSupportedThereIsNothingToReject(Side outer, Side inner) {
		pool.setMaximumPoolSize(2);
		// The second connection has to be made first
		pool.setConnectionTimeout(30_000);
		try {
			TransactionTemplate notSupported = outer.springs();
			notSupported.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
			outer.template()
				.executeWithoutResult((status) -> notSupported.executeWithoutResult(
						(none) -> inner.template().executeWithoutResult((innerStatus) -> inner.write())));
		}
		finally {
			pool.setMaximumPoolSize(1);
			pool.setConnectionTimeout(250);
			pool.getHikariPoolMXBean().softEvictConnections();
		}
		assertThat(conflicts.balance(1)).isEqualTo(105);
		verifyNothingIsLeft();
	}

	@ParameterizedTest
	@MethodSource("bothDirections")
	void oneAfterTheOtherTheyDoNotMindEachOther(Side first, Side second) {
		for (TransactionOperations operations : List.<TransactionOperations>of(first.template(), second.template(),
				first.springs(), second.template())) {
			operations.executeWithoutResult((status) -> Conflicts.add(fixture.jdbc, 1, 5));
		}
		assertThat(conflicts.balance(1)).isEqualTo(120);
		verifyNothingIsLeft();
	}

	private static void assertRejected(Side inner, NestedTransactionPolicy policy) {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().nested(policy).build();
		CrdbTransactionTemplate template = inner.template();
		proxy.clear();
		assertThatExceptionOfType(NestedTransactionRejectedException.class)
			.isThrownBy(() -> template.executeWithoutResult(options, (status) -> inner.write()));
		assertThat(proxy.statements()).isEmpty();
		assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isOne();
	}

	private static void verifyNothingIsLeft() {
		assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	/**
	 * One of the two.
	 *
	 * @param name its name
	 * @param transactionManager its transaction manager
	 * @param writer how it writes
	 */
	private record Side(String name, PlatformTransactionManager transactionManager, Runnable writer) {

		CrdbTransactionTemplate template() {
			return new CrdbTransactionTemplate(this.transactionManager, fixture.dataSource,
					CrdbTransactionOptions.none());
		}

		TransactionTemplate springs() {
			return new TransactionTemplate(this.transactionManager);
		}

		void write() {
			this.writer.run();
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
