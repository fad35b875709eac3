package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import jakarta.persistence.PersistenceException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for errors of JPA that are swallowed, which make Hibernate mark the transaction
 * for rollback and leave nothing but that mark behind.
 */
@DatabaseTest
class SwallowedErrorTests {

	private static Conflicts conflicts;

	private static JpaApplication application;

	private final List<Integer> attempts = new ArrayList<>();

	@BeforeAll
	static void start(TestDatabase database) {
		conflicts = new Conflicts(database);
		application = new JpaApplication(database.url(), SwallowedErrorTests.class);
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@BeforeEach
	void resetAccounts() {
		conflicts.reset();
	}

	@ParameterizedTest
	@EnumSource
	void aSwallowedErrorIsTheCause(Kind kind) {
		assertThatExceptionOfType(SilentRollbackException.class).isThrownBy(
				() -> kind.run(application.service, (attempt) -> swallow(attempt, "INSERT INTO account VALUES (1, 0)")))
			.havingCause()
			.withMessageContaining("duplicate key");
		assertThat(this.attempts).containsExactly(1);
		application.verifyNoConnectionIsLost();
	}

	@ParameterizedTest
	@EnumSource
	void aSwallowedConflictIsRetried(Kind kind) {
		kind.run(application.service, (attempt) -> {
			assertThat(application.find(1)).isNotNull();
			if (attempt == 1) {
				conflicts.lostUpdate(1);
				swallow(attempt, "UPDATE account SET balance = 5 WHERE id = 1");
			}
			else {
				this.attempts.add(attempt);
				application.find(1).setBalance(7);
			}
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(conflicts.balance(1)).isEqualTo(7);
		application.verifyNoConnectionIsLost();
	}

	private void swallow(int attempt, String sql) {
		this.attempts.add(attempt);
		assertThatExceptionOfType(PersistenceException.class)
			.isThrownBy(() -> application.entityManager.createNativeQuery(sql).executeUpdate());
	}

}
