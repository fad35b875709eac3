package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what is bound to the end of a transaction: it hears of each attempt's own
 * end.
 */
class EventTests extends AccountTests {

	private final WireProxy proxy = database.proxy();

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(database.pool(2, this.proxy)));

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	private final Listener listener = new Listener();

	@BeforeEach
	void start() {
		this.context.registerBean(PlatformTransactionManager.class, () -> this.fixture.transactionManager);
		this.context.registerBean(Listener.class, () -> this.listener);
		this.context.register(Config.class);
		this.context.refresh();
	}

	@AfterEach
	void stop() throws Exception {
		this.context.close();
		this.proxy.close();
	}

	@Test
	void aCommitIsHeardOfOnce() {
		this.fixture.template().executeWithoutResult((status) -> {
			publish();
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.listener.events).containsExactly("1 before commit", "1 committed", "1 completed 0");
	}

	@Test
	void aFailedAttemptIsHeardOfAsRolledBack() {
		this.fixture.template().executeWithoutResult((status) -> {
			int attempt = publish();
			Conflicts.read(this.fixture.jdbc, 1);
			if (attempt < 3) {
				conflicts.lostUpdate(1);
			}
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.listener.events).containsExactly("1 rolled back", "1 completed 1", "2 rolled back",
				"2 completed 1", "3 before commit", "3 committed", "3 completed 0");
	}

	@Test
	void aConflictAtCommitIsHeardOfAsRolledBack() {
		this.fixture.template().executeWithoutResult((status) -> {
			int attempt = publish();
			Conflicts.read(this.fixture.jdbc, 1);
			Runnable write = () -> Conflicts.add(this.fixture.jdbc, 2, 5);
			if (attempt == 1) {
				conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
		assertThat(this.listener.events).containsExactly("1 before commit", "1 rolled back", "1 completed 1",
				"2 before commit", "2 committed", "2 completed 0");
	}

	@Test
	void anExhaustedTransactionIsHeardOfAsRolledBackOncePerAttempt() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().maxAttempts(2).build();
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				publish();
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}));
		assertThat(this.listener.events).containsExactly("1 rolled back", "1 completed 1", "2 rolled back",
				"2 completed 1");
	}

	@Test
	void aSwallowedErrorIsHeardOfAsRolledBack() {
		assertThatExceptionOfType(SilentRollbackException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				publish();
				assertThatExceptionOfType(DataAccessException.class)
					.isThrownBy(() -> this.fixture.jdbc.sql("INSERT INTO account VALUES (1, 0)").update());
			}));
		assertThat(this.listener.events).containsExactly("1 before commit", "1 rolled back", "1 completed 1");
	}

	@Test
	void aCallbackThatOutlastedItsTimeoutIsHeardOfAsRolledBack() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().timeout(Duration.ofSeconds(1)).build();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult(options, (status) -> {
				publish();
				while (!TransactionAttempt.current().orElseThrow().isExpired()) {
					LockSupport.parkNanos(1_000_000);
				}
			}));
		assertThat(this.listener.events).containsExactly("1 rolled back", "1 completed 1");
	}

	@Test
	void anUnknownOutcomeIsHeardOfAsNeither() {
		assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> this.fixture.template().executeWithoutResult((status) -> {
				publish();
				Conflicts.add(this.fixture.jdbc, 1, 5);
				this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}));
		assertThat(this.listener.events).containsExactly("1 before commit", "1 completed 2");
	}

	@Test
	void anErrorBeforeTheCommitIsHeardOfAsRolledBackAndRetried() {
		this.listener.failureBeforeCommit = new CannotAcquireLockException("conflict",
				new SQLException("restart transaction", "40001"));
		this.fixture.template().executeWithoutResult((status) -> {
			publish();
			Conflicts.add(this.fixture.jdbc, 1, 5);
		});
		assertThat(this.listener.events).containsExactly("1 before commit", "1 rolled back", "1 completed 1",
				"2 before commit", "2 committed", "2 completed 0");
		assertThat(conflicts.balance(1)).isEqualTo(105);
	}

	/**
	 * Publish an event of this attempt, and note what its completion is.
	 * @return the attempt's number
	 */
	private int publish() {
		int attempt = TransactionAttempt.current().orElseThrow().number();
		this.context.publishEvent(new Transferred(attempt));
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
			@Override
			public void afterCompletion(int status) {
				EventTests.this.listener.events.add(attempt + " completed " + status);
			}
		});
		return attempt;
	}

	/**
	 * What happened.
	 *
	 * @param attempt in which attempt
	 */
	record Transferred(int attempt) {

	}

	/**
	 * Notes what it hears.
	 */
	static class Listener {

		private final List<String> events = new ArrayList<>();

		private RuntimeException failureBeforeCommit;

		@TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
		void beforeCommit(Transferred event) {
			this.events.add(event.attempt() + " before commit");
			if (this.failureBeforeCommit != null && event.attempt() == 1) {
				throw this.failureBeforeCommit;
			}
		}

		@TransactionalEventListener
		void afterCommit(Transferred event) {
			this.events.add(event.attempt() + " committed");
		}

		@TransactionalEventListener(phase = TransactionPhase.AFTER_ROLLBACK)
		void afterRollback(Transferred event) {
			this.events.add(event.attempt() + " rolled back");
		}

	}

	/**
	 * Switches such listeners on.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class Config {

	}

}
