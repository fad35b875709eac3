package io.github.crdbspring.jpa;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions of JPA that end before COMMIT: Hibernate gives the connection
 * back, whatever it is that ends them, and the request goes on.
 */
@DatabaseTest
class ConnectionReturnTests {

	private static final Duration TIMEOUT = Duration.ofMillis(200);

	private static final Map<String, JpaApplication> applications = new HashMap<>();

	private static TestDatabase database;

	private static Conflicts conflicts;

	@BeforeAll
	static void createTables(TestDatabase testDatabase) {
		database = testDatabase;
		conflicts = new Conflicts(testDatabase);
	}

	@BeforeEach
	void resetAccounts() {
		conflicts.reset();
	}

	@AfterEach
	void stopApplicationsWithoutConnections() {
		applications.values().removeIf((application) -> {
			boolean lost = application.activeConnections() > 0;
			if (lost) {
				application.close();
			}
			return lost;
		});
	}

	@AfterAll
	static void stop() {
		applications.values().forEach(JpaApplication::close);
		applications.clear();
	}

	static Stream<Arguments> endings() {
		return Stream.of(Ending.values())
			.flatMap((ending) -> Stream.of(Kind.values())
				.flatMap((kind) -> Stream.of(true, false)
					.flatMap((openInView) -> Stream.of(true, false)
						.map((autoCommit) -> Arguments.of(ending, kind, openInView, autoCommit)))));
	}

	@ParameterizedTest
	@MethodSource("endings")
	void aTransactionThatEndsBeforeCommitReturnsItsConnection(Ending ending, Kind kind, boolean openInView,
			boolean autoCommit) {
		JpaApplication application = application(ending, autoCommit);
		application.request(openInView, () -> {
			// More often than there are connections
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(ending.exception)
					.isThrownBy(() -> kind.run(application.service, (attempt) -> {
						application.find(1).setBalance(5);
						application.entityManager.flush();
						ending.end(application);
					}));
			}
			application.withoutHurry(() -> {
				Account account = application.find(1);
				assertThat(account.getBalance()).isEqualTo(100);
				account.setBalance(107);
			});
			assertThat(application.find(1).getBalance()).isEqualTo(107);
		});
		application.verifyNoConnectionIsLost();
		assertThat(conflicts.balance(1)).isEqualTo(107);
	}

	private static JpaApplication application(Ending ending, boolean autoCommit) {
		String[] properties = { "spring.datasource.hikari.auto-commit=" + autoCommit,
				"crdb.transaction.timeout=" + (ending.isTimeout() ? TIMEOUT : Duration.ofMinutes(1)) };
		return applications.computeIfAbsent(String.join(" ", properties),
				(key) -> new JpaApplication(database.url(), ConnectionReturnTests.class, properties));
	}

	private static void beforeCommit(Runnable action) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
			@Override
			public void beforeCommit(boolean readOnly) {
				action.run();
			}
		});
	}

	private static void outlastTheTimeout() {
		TransactionAttempt attempt = TransactionAttempt.current().orElseThrow();
		while (attempt.elapsed().compareTo(TIMEOUT) <= 0) {
			LockSupport.parkNanos(1_000_000);
		}
	}

	/**
	 * How a transaction ends.
	 */
	enum Ending {

		TIMEOUT_IN_THE_METHOD(TransactionDeadlineExceededException.class),
		TIMEOUT_BEFORE_COMMIT(TransactionDeadlineExceededException.class),
		FAILURE_SWALLOWED_IN_THE_METHOD(UnexpectedRollbackException.class),
		FAILURE_SWALLOWED_BEFORE_COMMIT(UnexpectedRollbackException.class),
		FAILURE_BEFORE_COMMIT(IllegalStateException.class),
		TRANSACTION_FAILURE_BEFORE_COMMIT(TransactionSystemException.class),
		UNEXPECTED_ROLLBACK_BEFORE_COMMIT(UnexpectedRollbackException.class);

		private final Class<? extends RuntimeException> exception;

		Ending(Class<? extends RuntimeException> exception) {
			this.exception = exception;
		}

		boolean isTimeout() {
			return this == TIMEOUT_IN_THE_METHOD || this == TIMEOUT_BEFORE_COMMIT;
		}

		void end(JpaApplication application) {
			switch (this) {
				case TIMEOUT_IN_THE_METHOD -> outlastTheTimeout();
				case TIMEOUT_BEFORE_COMMIT -> beforeCommit(ConnectionReturnTests::outlastTheTimeout);
				case FAILURE_SWALLOWED_IN_THE_METHOD -> swallowAFailure(application);
				case FAILURE_SWALLOWED_BEFORE_COMMIT -> beforeCommit(() -> swallowAFailure(application));
				case FAILURE_BEFORE_COMMIT -> beforeCommit(() -> {
					throw new IllegalStateException("overdraft");
				});
				case TRANSACTION_FAILURE_BEFORE_COMMIT -> beforeCommit(() -> {
					throw new TransactionSystemException("another one's");
				});
				case UNEXPECTED_ROLLBACK_BEFORE_COMMIT -> beforeCommit(() -> {
					throw new UnexpectedRollbackException("another one's");
				});
			}
		}

		private static void swallowAFailure(JpaApplication application) {
			assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> application.service.crdb((attempt) -> {
					throw new UnsupportedOperationException();
				}));
		}

	}

}
