package io.github.crdbspring.jpa;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.InterceptedDataSource;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for what Hibernate does after the COMMIT of a transaction, as a part of its own
 * commit: if that fails, the transaction is committed nonetheless.
 */
@DatabaseTest
class PostCommitTests {

	private static final int REPETITIONS = 3;

	private final List<Integer> attempts = new ArrayList<>();

	private TestDatabase database;

	private Conflicts conflicts;

	@BeforeEach
	void createTables(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
	}

	static Stream<Arguments> settings() {
		return Stream.of(true, false)
			.flatMap((openInView) -> Stream.of(true, false).map((autoCommit) -> Arguments.of(openInView, autoCommit)));
	}

	@ParameterizedTest
	@MethodSource("settings")
	void aListenerThatFailsDoesNotUndoTheCommitNorRepeatIt(boolean openInView, boolean autoCommit) {
		try (JpaApplication application = new JpaApplication(this.database.url(), PostCommitTests.class,
				"spring.datasource.hikari.auto-commit=" + autoCommit)) {
			PostCommitListener listener = new PostCommitListener(application.factory);
			for (Kind kind : Kind.values()) {
				for (Supplier<RuntimeException> failure : failures()) {
					listener.failWith(failure);
					verifyCommitted(application, kind, openInView);
				}
			}
			listener.failWith(null);
			verifyUsable(application, openInView);
		}
	}

	@ParameterizedTest
	@MethodSource("settings")
	void aConnectionThatCannotBeReturnedDoesNotUndoTheCommitNorRepeatIt(boolean openInView, boolean autoCommit) {
		try (JpaApplication application = new JpaApplication(this.database.url(), UnreturnableConfiguration.class,
				"spring.datasource.hikari.auto-commit=" + autoCommit,
				"spring.jpa.properties.hibernate.connection.handling_mode="
						+ "DELAYED_ACQUISITION_AND_RELEASE_AFTER_TRANSACTION")) {
			for (Kind kind : Kind.values()) {
				verifyCommitted(application, kind, openInView);
			}
			verifyUsable(application, openInView);
		}
	}

	private static List<Supplier<RuntimeException>> failures() {
		return List.of(() -> new IllegalStateException("mail server"),
				() -> new IllegalStateException("cache", new SQLException("restart transaction", "40001")),
				() -> new IllegalStateException("cache", new SQLException("gone", "08006")));
	}

	private void verifyCommitted(JpaApplication application, Kind kind, boolean openInView) {
		this.conflicts.reset();
		application.ends.clear();
		this.attempts.clear();
		application.request(openInView, () -> {
			// More often than there are connections
			for (int i = 0; i < REPETITIONS; i++) {
				assertThatException().isThrownBy(() -> kind.run(application.service, (attempt) -> {
					this.attempts.add(attempt);
					Account account = application.find(1);
					account.setBalance(account.getBalance() + 5);
					UnreturnableConfiguration.failNextReturn = true;
				}));
			}
		});
		application.verifyNoConnectionIsLost();
		assertThat(this.conflicts.balance(1)).isEqualTo(100 + 5 * REPETITIONS);
		assertThat(this.attempts).hasSize(REPETITIONS).containsOnly(1);
		assertThat(application.ends).hasSize(REPETITIONS).containsOnly("COMMITTED 1");
	}

	private void verifyUsable(JpaApplication application, boolean openInView) {
		this.conflicts.reset();
		UnreturnableConfiguration.failNextReturn = false;
		application.request(openInView, () -> {
			application.service.crdb((attempt) -> application.find(1).setBalance(7));
			assertThat(application.find(1).getBalance()).isEqualTo(7);
		});
		application.verifyNoConnectionIsLost();
		assertThat(this.conflicts.balance(1)).isEqualTo(7);
	}

	/**
	 * Has a pool that fails when a connection is returned, after it has taken it.
	 */
	@Configuration(proxyBeanMethods = false)
	static class UnreturnableConfiguration {

		private static boolean failNextReturn;

		@Bean
		static BeanPostProcessor unreturnableConnections() {
			return new BeanPostProcessor() {
				@Override
				public Object postProcessBeforeInitialization(Object bean, String beanName) {
					return (bean instanceof HikariDataSource pool) ? new CrdbDataSource(
							new InterceptedDataSource(pool, UnreturnableConfiguration::failAfterReturn)) : bean;
				}
			};
		}

		private static Object failAfterReturn(InterceptedDataSource.Call call) throws Throwable {
			Object result = call.proceed();
			if (call.is("close") && call.target() instanceof Connection && failNextReturn) {
				failNextReturn = false;
				throw new SQLException("gone", "08006");
			}
			return result;
		}

	}

}
