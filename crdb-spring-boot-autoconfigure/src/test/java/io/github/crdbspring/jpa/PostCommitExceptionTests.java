package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.error.CommittedTransactionException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what the caller gets when Hibernate's own work after a COMMIT fails.
 */
@DatabaseTest
class PostCommitExceptionTests {

	@ParameterizedTest
	@CsvSource({ "CRDB, true", "CRDB, false", "SPRING, true", "SPRING, false" })
	void theCallerIsToldThatTheTransactionIsCommittedAndWhatFailed(Kind kind, boolean openInView,
			TestDatabase database) {
		Conflicts conflicts = new Conflicts(database);
		List<Integer> attempts = new ArrayList<>();
		IllegalStateException failure = new IllegalStateException("cache");
		try (JpaApplication application = new JpaApplication(database.url(), PostCommitExceptionTests.class)) {
			new PostCommitListener(application.factory).failWith(() -> failure);
			application.request(openInView, () -> assertThatExceptionOfType(CommittedTransactionException.class)
				.isThrownBy(() -> kind.run(application.service, (attempt) -> {
					attempts.add(attempt);
					application.find(1).setBalance(5);
				}))
				.satisfies((ex) -> assertThat(ex).hasRootCause(failure)));
			application.verifyNoConnectionIsLost();
		}
		assertThat(attempts).containsExactly(1);
		assertThat(conflicts.balance(1)).isEqualTo(5);
	}

}
