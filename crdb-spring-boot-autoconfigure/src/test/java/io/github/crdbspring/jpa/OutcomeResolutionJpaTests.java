package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.outcome.TransactionOutcomes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for outcomes of JPA's transactions that are found out: Hibernate's own work after
 * the commit goes on as if nothing had happened, and so does the request.
 */
@DatabaseTest
@ParameterizedClass
@ValueSource(strings = { "true", "false" })
class OutcomeResolutionJpaTests {

	private static TestDatabase database;

	private static Conflicts conflicts;

	private final String autoCommit;

	private final List<Integer> attempts = new ArrayList<>();

	private final List<Integer> statuses = new ArrayList<>();

	OutcomeResolutionJpaTests(String autoCommit) {
		this.autoCommit = autoCommit;
	}

	@BeforeAll
	static void createTable(TestDatabase testDatabase) {
		database = testDatabase;
		conflicts = new Conflicts(testDatabase);
		new ResourceDatabasePopulator(
				new ClassPathResource("schema-" + (testDatabase.isCockroach() ? "cockroachdb" : "postgresql") + ".sql",
						TransactionOutcomes.class))
			.execute(testDatabase.pool(1));
	}

	@BeforeEach
	void resetAccounts() {
		conflicts.reset();
	}

	@ParameterizedTest
	@CsvSource({ "CRDB, true, CUT_AFTER", "CRDB, true, CUT_BEFORE", "CRDB, false, CUT_AFTER", "CRDB, false, CUT_BEFORE",
			"SPRING, true, CUT_AFTER", "SPRING, true, CUT_BEFORE", "SPRING, false, CUT_AFTER",
			"SPRING, false, CUT_BEFORE" })
	void theCallEndsAsIfTheAnswerHadCome(Kind kind, boolean openInView, Fault fault) throws Exception {
		try (WireProxy proxy = database.proxy();
				JpaApplication application = new JpaApplication(database.url(proxy), NothingElse.class,
						"crdb.transaction.outcome.policy=resolve",
						"spring.datasource.hikari.auto-commit=" + this.autoCommit)) {
			application.request(openInView, () -> {
				kind.run(application.service, (attempt) -> {
					this.attempts.add(attempt);
					add(application, 1);
					if (attempt == 1) {
						proxy.failNext("COMMIT", fault);
					}
					TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
						@Override
						public void afterCompletion(int status) {
							OutcomeResolutionJpaTests.this.statuses.add(status);
						}
					});
				});
				assertThat(application.find(1).getBalance()).isEqualTo(101);
				kind.run(application.service, (attempt) -> add(application, 10));
			});
			assertThat(conflicts.balance(1)).isEqualTo(111);
			if (fault == Fault.CUT_AFTER) {
				assertThat(this.attempts).containsExactly(1);
				assertThat(this.statuses).containsExactly(TransactionSynchronization.STATUS_COMMITTED);
			}
			else {
				assertThat(this.attempts).containsExactly(1, 2);
				assertThat(this.statuses).endsWith(TransactionSynchronization.STATUS_COMMITTED);
			}
			assertThat(application.ends).containsExactly("COMMITTED " + this.attempts.size(), "COMMITTED 1");
			application.verifyNoConnectionIsLost();
		}
	}

	private static void add(JpaApplication application, int amount) {
		Account account = application.find(1);
		account.setBalance(account.getBalance() + amount);
	}

	/**
	 * No beans of the test's own.
	 */
	static class NothingElse {

	}

}
