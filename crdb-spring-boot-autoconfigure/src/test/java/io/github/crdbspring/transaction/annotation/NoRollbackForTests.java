package io.github.crdbspring.transaction.annotation;

import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for an exception that is to be thrown with a commit, where there is no commit, or
 * nobody knows: it is not lost.
 */
@DatabaseTest
class NoRollbackForTests {

	private WireProxy proxy;

	private JdbcClient jdbc;

	private Service service;

	private int calls;

	@BeforeEach
	void createService(TestDatabase database) {
		this.proxy = database.proxy();
		HikariDataSource pool = database.pool(2, this.proxy);
		CrdbDataSource dataSource = new CrdbDataSource(pool);
		this.jdbc = JdbcClient.create(dataSource);
		this.jdbc.sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)").update();
		this.jdbc.sql("DELETE FROM item").update();
		CrdbTransactionTemplate template = new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource),
				dataSource, CrdbTransactionOptions.none());
		ProxyFactory factory = new ProxyFactory(new Service());
		factory.setProxyTargetClass(true);
		factory.addAdvisor(new CrdbTransactionalAdvisor((qualifier) -> template, (text) -> text));
		this.service = (Service) factory.getProxy();
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@ParameterizedTest
	@EnumSource
	void theExceptionIsSuppressedInWhateverTheCallEndsIn(Ending ending) {
		ToleratedException tolerated = new ToleratedException();
		Runnable work = () -> {
			this.calls++;
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
			ending.prepare(this.proxy);
			throw tolerated;
		};
		assertThatExceptionOfType(ending.exception).isThrownBy(() -> ending.call(this.service, work))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).containsOnlyOnce(tolerated));
		assertThat(this.calls).isEqualTo(ending.calls);
	}

	private static void register(TransactionSynchronization synchronization) {
		TransactionSynchronizationManager.registerSynchronization(synchronization);
	}

	/**
	 * What becomes of a transaction that was to be committed.
	 */
	enum Ending {

		UNKNOWN(AmbiguousCommitException.class, 1), EXHAUSTED(MaxAttemptsExceededException.class, 3),
		CONFLICT_WITHOUT_RETRY(DataAccessException.class, 1), DEADLINE(TransactionDeadlineExceededException.class, 1),
		FAILURE_BEFORE_COMMIT(IllegalStateException.class, 1), FAILURE_AFTER_COMMIT(IllegalStateException.class, 1),
		SWALLOWED_BEFORE_COMMIT(UnexpectedRollbackException.class, 1);

		private final Class<? extends RuntimeException> exception;

		private final int calls;

		Ending(Class<? extends RuntimeException> exception, int calls) {
			this.exception = exception;
			this.calls = calls;
		}

		void prepare(WireProxy proxy) {
			switch (this) {
				case UNKNOWN -> proxy.failNext("COMMIT", Fault.CUT_AFTER);
				case EXHAUSTED, CONFLICT_WITHOUT_RETRY -> proxy.failNext("COMMIT", Fault.REPLY_40001);
				case DEADLINE -> {
					TransactionAttempt attempt = TransactionAttempt.current().orElseThrow();
					while (attempt.elapsed().compareTo(attempt.options().timeout()) <= 0) {
						LockSupport.parkNanos(1_000_000);
					}
				}
				case FAILURE_BEFORE_COMMIT -> register(new TransactionSynchronization() {
					@Override
					public void beforeCommit(boolean readOnly) {
						throw new IllegalStateException("overdraft");
					}
				});
				case FAILURE_AFTER_COMMIT -> register(new TransactionSynchronization() {
					@Override
					public void afterCommit() {
						throw new IllegalStateException("mail server");
					}
				});
				case SWALLOWED_BEFORE_COMMIT -> register(new TransactionSynchronization() {
					@Override
					public void beforeCommit(boolean readOnly) {
						throw new UnexpectedRollbackException("another one's",
								new CannotAcquireLockException("swallowed", new SQLException("syntax error", "42601")));
					}
				});
			}
		}

		void call(Service service, Runnable work) {
			switch (this) {
				case CONFLICT_WITHOUT_RETRY -> service.once(work);
				case DEADLINE -> service.inAHurry(work);
				default -> service.call(work);
			}
		}

	}

	/**
	 * An exception that the callers of a method can cope with.
	 */
	@SuppressWarnings("serial")
	static class ToleratedException extends RuntimeException {

	}

	/**
	 * What is advised.
	 */
	static class Service {

		@CrdbTransactional(noRollbackFor = ToleratedException.class, maxAttempts = 3)
		void call(Runnable work) {
			work.run();
		}

		@CrdbTransactional(noRollbackFor = ToleratedException.class, maxAttempts = 1)
		void once(Runnable work) {
			work.run();
		}

		@CrdbTransactional(noRollbackFor = ToleratedException.class, timeout = "500ms")
		void inAHurry(Runnable work) {
			work.run();
		}

	}

}
