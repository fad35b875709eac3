package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.RollbackOn;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for what Spring's {@code @Transactional} says about transactions inside others,
 * which keeps its meaning when such methods are retried.
 */
class RetrySpringTransactionalPropagationTests extends AbstractItemTests {

	@BeforeEach
	void addBeans() {
		this.runner = this.runner
			.withPropertyValues("crdb.transaction.max-attempts=3", "crdb.transaction.retry-spring-transactional=true")
			.withBean(Outer.class)
			.withBean(Inner.class);
	}

	@AfterEach
	void clearSynchronization() {
		TransactionSynchronizationManager.clear();
	}

	static Stream<Arguments> participating() {
		return both(inner("REQUIRED", Inner::required), inner("SUPPORTS", Inner::supports),
				inner("MANDATORY", Inner::mandatory));
	}

	static Stream<Arguments> notParticipating() {
		return both(inner("REQUIRES_NEW", Inner::requiresNew), inner("NOT_SUPPORTED", Inner::notSupported),
				inner("NEVER", Inner::never), inner("NESTED", Inner::nested));
	}

	private static Stream<Arguments> both(Propagated... inner) {
		return Stream.of(inner).flatMap((method) -> Stream.of(Arguments.of(method, true), Arguments.of(method, false)));
	}

	private static Propagated inner(String propagation, Consumer<Inner> method) {
		return new Propagated(propagation, method);
	}

	@ParameterizedTest
	@MethodSource("participating")
	void aSwallowedFailureOfAMethodThatParticipatesRollsBack(Propagated inner, boolean retrying) {
		this.runner.withPropertyValues("crdb.transaction.retry-spring-transactional=" + retrying)
			.run((context) -> assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> context.getBean(Outer.class).swallow(inner.method())));
		assertThat(items()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("notParticipating")
	void aSwallowedFailureOfAMethodThatDoesNotParticipateIsSwallowed(Propagated inner, boolean retrying) {
		this.runner.withPropertyValues("crdb.transaction.retry-spring-transactional=" + retrying)
			.run((context) -> assertThatNoException()
				.isThrownBy(() -> context.getBean(Outer.class).swallow(inner.method())));
		assertThat(items()).contains(1);
	}

	@Test
	void aSwallowedCheckedExceptionRollsBackWhereSpringIsToldSo() {
		IOException failure = new IOException("disk full");
		this.runner.withUserConfiguration(AllExceptionsConfiguration.class)
			.run((context) -> assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> context.getBean(Outer.class).swallow((inner) -> inner.checked(failure)))
				.withCause(failure));
		assertThat(items()).isEmpty();
	}

	@Test
	void aConflictInASwallowedCheckedExceptionIsRetriedWhereSpringIsToldToRollBack() {
		IOException conflict = new IOException(new SQLException("restart transaction", "40001"));
		List<Integer> calls = new ArrayList<>();
		this.runner.withUserConfiguration(AllExceptionsConfiguration.class)
			.run((context) -> context.getBean(Outer.class).swallow((inner) -> {
				calls.add(TransactionAttempt.current().orElseThrow().number());
				if (calls.size() == 1) {
					inner.checked(conflict);
				}
			}));
		assertThat(calls).containsExactly(1, 2);
		assertThat(items()).containsExactly(1);
	}

	@Test
	void aTransactionWithoutSynchronizationIsLeftWithoutIt() {
		this.runner.run((context) -> {
			JdbcTransactionManager without = new JdbcTransactionManager(context.getBean(DataSource.class));
			without.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
			new TransactionTemplate(without).executeWithoutResult((status) -> {
				context.getBean(Outer.class).call((inner) -> inner.insert(1));
				assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
			});
			assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
		});
		assertThat(items()).containsExactly(1);
	}

	@Test
	void aConflictAfterACommitInAStatementIsNotRetried() {
		List<Integer> calls = new ArrayList<>();
		this.runner.run((context) -> assertThatExceptionOfType(AmbiguousCommitException.class)
			.isThrownBy(() -> context.getBean(Outer.class).call((inner) -> {
				calls.add(TransactionAttempt.current().orElseThrow().number());
				inner.insert(1);
				context.getBean(JdbcTemplate.class).execute("COMMIT");
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			})));
		assertThat(calls).containsExactly(1);
		assertThat(items()).containsExactly(1);
	}

	/**
	 * A method with a propagation.
	 *
	 * @param propagation the propagation
	 * @param method calls the method
	 */
	private record Propagated(String propagation, Consumer<Inner> method) {

		@Override
		public String toString() {
			return this.propagation;
		}

	}

	/**
	 * What is called from outside.
	 */
	static class Outer {

		private final Inner inner;

		Outer(Inner inner) {
			this.inner = inner;
		}

		@Transactional
		void call(Consumer<Inner> work) {
			work.accept(this.inner);
		}

		@Transactional
		void swallow(Consumer<Inner> work) {
			this.inner.insert(1);
			try {
				work.accept(this.inner);
			}
			catch (RuntimeException ex) {
				// Swallowing it is what is tested
			}
		}

	}

	/**
	 * What is called inside: each method fails.
	 */
	static class Inner {

		private final JdbcClient jdbc;

		Inner(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		void insert(int id) {
			this.jdbc.sql("INSERT INTO item VALUES (?)").param(id).update();
		}

		@Transactional
		void required() {
			fail();
		}

		@Transactional(propagation = Propagation.SUPPORTS)
		void supports() {
			fail();
		}

		@Transactional(propagation = Propagation.MANDATORY)
		void mandatory() {
			fail();
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		void requiresNew() {
			fail();
		}

		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		void notSupported() {
			fail();
		}

		@Transactional(propagation = Propagation.NEVER)
		void never() {
			fail();
		}

		@Transactional(propagation = Propagation.NESTED)
		void nested() {
			fail();
		}

		@Transactional
		void checked(IOException failure) {
			insert(2);
			throw Inner.<RuntimeException>unchecked(failure);
		}

		private void fail() {
			insert(2);
			throw new UncheckedIOException(new IOException("disk full"));
		}

		@SuppressWarnings("unchecked")
		private static <E extends Throwable> RuntimeException unchecked(Throwable failure) throws E {
			throw (E) failure;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true, rollbackOn = RollbackOn.ALL_EXCEPTIONS)
	static class AllExceptionsConfiguration {

	}

}
