package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for retrying methods of Spring's own {@code @Transactional}.
 */
class RetrySpringTransactionalTests extends AbstractItemTests {

	@BeforeEach
	void addBeans() {
		this.runner = this.runner.withPropertyValues("crdb.transaction.max-attempts=3")
			.withBean(Service.class)
			.withBean(Inner.class);
	}

	@Test
	void byDefaultTheyAreNotRetried() {
		this.runner.run((context) -> {
			Service service = context.getBean(Service.class);
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> service.required(1));
			assertThat(service.calls()).hasSize(1);
		});
	}

	@Test
	void aConflictRunsTheMethodAgain() {
		retrying((service) -> {
			service.required(1);
			assertThat(service.calls()).containsExactly(1, 2);
			assertThat(service.attempt().name()).isEqualTo("RetrySpringTransactionalTests.Service.required");
			assertThat(items()).hasSize(1);
		});
	}

	@Test
	void itEndsAfterTheDefaultNumberOfAttempts() {
		retrying((service) -> {
			assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(() -> service.required(5));
			assertThat(service.calls()).hasSize(3);
			assertThat(items()).isEmpty();
		});
	}

	@Test
	void springsAttributesKeepTheirMeaning() {
		retrying((service) -> {
			service.withAttributes();
			assertThat(service.calls()).hasSize(1);
			assertThatExceptionOfType(IOException.class).isThrownBy(service::checkedException);
			assertThat(items()).as("a checked exception commits, as in Spring").hasSize(1);
		});
	}

	@Test
	@RequiresCockroach
	void theDefaultOptionsReachTheServer() {
		this.runner.withPropertyValues("crdb.transaction.priority=low")
			.run((context) -> assertThat(context.getBean(Service.class).priority()).isEqualTo("normal"));
		this.runner
			.withPropertyValues("crdb.transaction.priority=low", "crdb.transaction.retry-spring-transactional=true")
			.run((context) -> assertThat(context.getBean(Service.class).priority()).isEqualTo("low"));
	}

	@Test
	void bothAnnotationsOnOneMethodMeanOneRetryLoop() {
		retrying((service) -> {
			assertThatExceptionOfType(MaxAttemptsExceededException.class).isThrownBy(service::bothAnnotations);
			assertThat(service.calls()).containsExactly(1, 2);
		});
	}

	@Test
	void aReadOnlyMethodIsLeftAsItIs() {
		retrying((service) -> {
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(service::readOnly);
			assertThat(service.calls()).hasSize(1);
		});
	}

	@Test
	void aMethodWhoseResultIsNotCompleteIsLeftAsItIs() {
		retrying((service) -> {
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(service::future);
			assertThat(service.calls()).hasSize(1);
		});
	}

	@Test
	void aRequiresNewIsRetriedByItself() {
		retrying((service) -> {
			service.callsRequiresNew();
			assertThat(service.calls()).containsExactly(1, 1, 2);
			assertThat(items()).hasSize(1);
		});
	}

	@Test
	void anInnerMethodIsPartOfTheOutermost() {
		retrying((service) -> {
			service.callsInner();
			assertThat(service.calls()).containsExactly(1, 1, 2, 2);
			assertThat(items()).hasSize(1);
		});
	}

	@Test
	void ourOwnAnnotationInsideJoins() {
		retrying((service) -> {
			service.callsCrdbTransactional();
			assertThat(service.calls()).containsExactly(1, 1, 2, 2);
		});
	}

	@Test
	void aSwallowedInnerConflictIsRetried() {
		retrying((service) -> {
			service.swallowsInner();
			assertThat(service.calls()).containsExactly(1, 1, 2, 2);
			assertThat(items()).hasSize(1);
		});
	}

	@Test
	void aSwallowedInnerFailureIsTheCause() {
		retrying((service) -> assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(service::swallowsInnerDuplicate)
			.havingCause()
			.isInstanceOf(DuplicateKeyException.class));
	}

	@Test
	void anExceptionInPlaceOfAnInnerFailureArrivesAsItIs() {
		IllegalStateException own = new IllegalStateException("taken");
		retrying((service) -> assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> service.replacesInnerDuplicate(own))
			.isSameAs(own));
	}

	@Test
	void aSwallowedErrorIsReported() {
		retrying((service) -> {
			assertThatExceptionOfType(SilentRollbackException.class).isThrownBy(service::swallowsDuplicate);
			assertThat(items()).isEmpty();
		});
	}

	private void retrying(ThrowingConsumer<Service> test) {
		this.runner.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> test.accept(context.getBean(Service.class)));
	}

	/**
	 * What is called inside.
	 */
	static class Inner {

		private final List<Integer> calls = new ArrayList<>();

		private final JdbcClient jdbc;

		private TransactionAttempt attempt;

		Inner(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		void call() {
			this.attempt = TransactionAttempt.current().orElse(null);
			this.calls.add((this.attempt != null) ? this.attempt.number() : 0);
		}

		void insert() {
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
		}

		String priority() {
			return this.jdbc.sql("SHOW transaction_priority").query(String.class).single();
		}

		void conflict() {
			throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
		}

		List<Integer> getCalls() {
			return this.calls;
		}

		TransactionAttempt getAttempt() {
			return this.attempt;
		}

		@Transactional
		void required() {
			insertWithConflict();
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		void requiresNew() {
			insertWithConflict();
		}

		@CrdbTransactional
		void crdbTransactional() {
			insertWithConflict();
		}

		@Transactional
		void duplicate() {
			insert();
			insert();
		}

		private void insertWithConflict() {
			call();
			insert();
			if (this.attempt.number() == 1) {
				conflict();
			}
		}

	}

	/**
	 * What is called from outside.
	 */
	static class Service {

		private final Inner inner;

		Service(Inner inner) {
			this.inner = inner;
		}

		List<Integer> calls() {
			return this.inner.getCalls();
		}

		TransactionAttempt attempt() {
			return this.inner.getAttempt();
		}

		@Transactional
		void required(int conflicts) {
			this.inner.call();
			this.inner.insert();
			if (calls().size() <= conflicts) {
				this.inner.conflict();
			}
		}

		@Transactional(isolation = Isolation.SERIALIZABLE, timeout = 7)
		void withAttributes() {
			this.inner.call();
			assertThat(TransactionSynchronizationManager.getCurrentTransactionIsolationLevel())
				.isEqualTo(Isolation.SERIALIZABLE.value());
		}

		@Transactional
		String priority() {
			return this.inner.priority();
		}

		@CrdbTransactional(maxAttempts = 2)
		@Transactional
		void bothAnnotations() {
			this.inner.call();
			this.inner.conflict();
		}

		@Transactional
		void checkedException() throws IOException {
			this.inner.insert();
			throw new IOException("after the insert");
		}

		@Transactional(readOnly = true)
		void readOnly() {
			this.inner.call();
			this.inner.conflict();
		}

		@Transactional
		CompletableFuture<String> future() {
			this.inner.call();
			this.inner.conflict();
			return CompletableFuture.completedFuture("");
		}

		@Transactional
		void callsRequiresNew() {
			this.inner.call();
			this.inner.requiresNew();
		}

		@Transactional
		void callsInner() {
			this.inner.call();
			this.inner.required();
		}

		@Transactional
		void callsCrdbTransactional() {
			this.inner.call();
			this.inner.crdbTransactional();
		}

		@Transactional
		void swallowsInner() {
			this.inner.call();
			swallow(this.inner::required);
		}

		@Transactional
		void swallowsInnerDuplicate() {
			swallow(this.inner::duplicate);
		}

		@Transactional
		void replacesInnerDuplicate(IllegalStateException own) {
			swallow(this.inner::duplicate);
			throw own;
		}

		@Transactional
		void swallowsDuplicate() {
			this.inner.insert();
			swallow(this.inner::insert);
		}

		private static void swallow(Runnable action) {
			try {
				action.run();
			}
			catch (DataAccessException ex) {
				// Swallowing it is what is tested
			}
		}

	}

}
