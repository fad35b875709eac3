package io.github.crdbspring.test.payment;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.jooq.test.autoconfigure.JooqTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the test kit in Spring Boot's own slices.
 */
class SliceTests {

	@ParameterizedTest
	@ValueSource(classes = { WithJdbc.class, WithDataJdbc.class, WithJpa.class, WithJooq.class })
	void aSliceHasTheTestKit(Class<?> type) {
		assertThat(run(type)).isEmpty();
	}

	@Test
	void aTransactionAroundATestIsExplained() {
		Map<String, Throwable> failures = run(InTransaction.class);
		assertThat(failures).hasSize(1);
		Throwable failure = failures.values().iterator().next();
		assertThat(failure).isInstanceOf(NestedTransactionRejectedException.class);
		assertThat(failure.getSuppressed()).hasSize(1);
		assertThat(failure.getSuppressed()[0].getMessage()).isEqualTo(
				"""


						***************************
						THIS TEST CANNOT BE RETRIED
						***************************

						Description:

						InTransaction.test runs in a transaction that Spring began for the test, since @JdbcTest on its class makes every test method @Transactional. Nothing in it can be run again on its own, so what would be retried refuses to run.

						Action:

						Annotate the class with @Transactional(propagation = Propagation.NOT_SUPPORTED) as well, or use @CrdbTest in place of @JdbcTest. Then clean up after the test yourself, or let @CrdbTest empty the tables. To run inside of the test's transaction and never retry, set crdb.transaction.nested=join-any for the test.
						""");
	}

	@Test
	void aTransactionalTestMethodIsExplained() {
		assertThat(run(WithTransactionalMethod.class).values().iterator().next().getSuppressed()[0])
			.hasMessageContaining("since the method is annotated with @Transactional.")
			.hasMessageContaining("Remove @Transactional from the test.");
	}

	private static Map<String, Throwable> run(Class<?> type) {
		Map<String, Throwable> failures = new ConcurrentHashMap<>();
		LauncherFactory.create()
			.execute(LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass(type)).build(),
					new TestExecutionListener() {

						@Override
						public void executionFinished(TestIdentifier test, TestExecutionResult result) {
							result.getThrowable().ifPresent((ex) -> failures.put(test.getDisplayName(), ex));
						}

					});
		return failures;
	}

	/**
	 * What all slices do.
	 */
	@CrdbTestDatabase
	abstract static class Slice {

		@Test
		@InjectRetries
		void test(@Autowired CrdbTransactionTemplate template, @Autowired DataSource dataSource,
				@Autowired TransactionAttempts attempts) {
			JdbcClient jdbc = JdbcClient.create(dataSource);
			template.executeWithoutResult((status) -> jdbc.sql("INSERT INTO currency VALUES ('USD')").update());
			assertThat(attempts).transaction("").hasAttempts(2).committed();
			assertThat(jdbc.sql("SELECT count(*) FROM currency").query(Integer.class).single()).isEqualTo(2);
		}

	}

	@JdbcTest
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	static class WithJdbc extends Slice {

	}

	@DataJdbcTest
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	static class WithDataJdbc extends Slice {

	}

	@DataJpaTest(properties = "spring.jpa.hibernate.ddl-auto=none")
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	static class WithJpa extends Slice {

	}

	@JooqTest
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	static class WithJooq extends Slice {

	}

	@JdbcTest
	@CrdbTestDatabase
	@Import(SafePayments.class)
	static class InTransaction {

		@Test
		void test(@Autowired SafePayments payments) {
			payments.receive(1);
		}

	}

	@JdbcTest
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	@CrdbTestDatabase
	@Import(SafePayments.class)
	static class WithTransactionalMethod {

		@Test
		@Transactional
		void test(@Autowired SafePayments payments) {
			payments.receive(1);
		}

	}

}
