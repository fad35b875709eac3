package io.github.crdbspring.test;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link InjectRetriesExtension}: what it refuses, and tests that run in
 * parallel.
 */
class InjectRetriesExtensionTests {

	@Test
	void badAttributesAreRefusedBeforeTheTestRuns() {
		Map<String, String> failures = run(BadAttributes.class, false);
		assertThat(failures).hasSize(5);
		assertThat(failures.get("server()"))
			.isEqualTo("@InjectRetries on BadAttributes.server: 'server' must be left out, or 'at' be STATEMENT or "
					+ "COMMIT: the server cannot be made to fail at CONNECTION_LOST");
		assertThat(failures.get("times()")).isEqualTo("@InjectRetries on BadAttributes.times: 'times' must be the "
				+ "number of attempts that fail, 0 for none, but is -1");
		assertThat(failures.get("transaction()"))
			.isEqualTo("@InjectRetries on BadAttributes.transaction: 'transaction' must be left out, or be a text such "
					+ "as BankService.transfer, but is blank");
		assertThat(failures.get("statement()"))
			.isEqualTo("@InjectRetries on BadAttributes.statement: 'statement' must be left out, or be a text such as "
					+ "UPDATE account, but is blank");
		assertThat(failures.get("commit()"))
			.isEqualTo("@InjectRetries on BadAttributes.commit: 'statement' must be one that reads or writes, but is "
					+ "'COMMIT'. For a COMMIT that fails choose with 'at'");
	}

	@Test
	void aTestInWhichNothingCameToFailFails() {
		Map<String, String> failures = run(NothingFails.class, false);
		assertThat(failures).hasSize(3);
		assertThat(failures.get("noTimeout(TestDatabase)"))
			.isEqualTo("@InjectRetries(times = 1, at = DEADLINE) let nothing fail, so that this test shows nothing. "
					+ "These transactions ran: 'eternal' (without a timeout)");
		assertThat(failures.get("noTransaction()"))
			.isEqualTo("@InjectRetries(times = 1, at = COMMIT) let nothing fail, so that this test shows nothing. No "
					+ "transaction ran at all on a DataSource that takes injections. In a Spring test every guarded "
					+ "DataSource does; without Spring, call RetryInjection.install(dataSource)");
		assertThat(failures.get("anotherName(TestDatabase)"))
			.isEqualTo("@InjectRetries(times = 1, at = COMMIT, transaction = \"transfer\") let nothing fail, so that "
					+ "this test shows nothing. These transactions ran: 'transferr'");
	}

	@Test
	void aFailureOfTheServersOwnMakingIsRefusedByOneThatCannot() {
		ServerInfo serverInfo = ChosenServer.get().serverInfo();
		Map<String, String> failures = run(ByServer.class, false);
		assertThat(failures.containsKey("statement(TestDatabase)"))
			.isNotEqualTo(serverInfo.supports(ServerFeature.INJECTED_RETRY_ERRORS));
		assertThat(failures.containsKey("commit(TestDatabase)"))
			.isNotEqualTo(serverInfo.supports(ServerFeature.INJECTED_COMMIT_ERRORS));
		failures.forEach((test,
				message) -> assertThat(message).isEqualTo("A failure of the server's own making at "
						+ (test.startsWith("commit") ? "COMMIT" : "STATEMENT") + " takes CockroachDB "
						+ (test.startsWith("commit") ? "23.1" : "22.1") + ", but this is " + serverInfo.description()
						+ ". Without 'server' the same failure is made on any server"));
	}

	@Test
	void testsInParallelDoNotDisturbEachOther() {
		assertThat(run(Parallel.class, true)).isEmpty();
	}

	private static Map<String, String> run(Class<?> type, boolean parallel) {
		Map<String, String> failures = new ConcurrentHashMap<>();
		LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
			.selectors(DiscoverySelectors.selectClass(type))
			.configurationParameter("junit.jupiter.execution.parallel.enabled", String.valueOf(parallel))
			.configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
			.configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "3")
			.build();
		LauncherFactory.create().execute(request, new TestExecutionListener() {

			@Override
			public void executionFinished(TestIdentifier test, TestExecutionResult result) {
				result.getThrowable().ifPresent((ex) -> failures.put(test.getDisplayName(), ex.getMessage()));
			}

		});
		return new TreeMap<>(failures);
	}

	/**
	 * None of these runs.
	 */
	static class BadAttributes {

		@Test
		@InjectRetries(times = -1)
		void times() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		@InjectRetries(transaction = " ")
		void transaction() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		@InjectRetries(statement = " ")
		void statement() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		@InjectRetries(server = true, at = FailurePoint.CONNECTION_LOST)
		void server() {
			throw new IllegalStateException("Should not run");
		}

		@Test
		@InjectRetries(statement = "COMMIT")
		void commit() {
			throw new IllegalStateException("Should not run");
		}

	}

	/**
	 * Shows nothing.
	 */
	@CrdbTestDatabase
	static class NothingFails {

		@Test
		@InjectRetries
		void noTransaction() {
		}

		@Test
		@InjectRetries(transaction = "transfer")
		void anotherName(TestDatabase database) {
			Kit kit = Kit.of(database.dataSource());
			kit.template().executeWithoutResult(Kit.named("transferr"), (status) -> select(kit));
		}

		@Test
		@InjectRetries(at = FailurePoint.DEADLINE)
		void noTimeout(TestDatabase database) {
			Kit kit = Kit.of(database.dataSource());
			kit.template().executeWithoutResult(Kit.named("eternal"), (status) -> select(kit));
		}

		private static void select(Kit kit) {
			kit.jdbc().sql("SELECT 1").query().singleValue();
		}

	}

	/**
	 * Depends on what the server can do.
	 */
	@CrdbTestDatabase
	static class ByServer {

		@Test
		@InjectRetries(server = true, at = FailurePoint.STATEMENT)
		void statement(TestDatabase database) {
			run(database);
		}

		@Test
		@InjectRetries(server = true)
		void commit(TestDatabase database) {
			run(database);
		}

		private static void run(TestDatabase database) {
			Kit kit = Kit.of(database.dataSource());
			kit.template()
				.executeWithoutResult(Kit.named("by server"),
						(status) -> kit.jdbc().sql("SELECT 1").query().singleValue());
		}

	}

	/**
	 * All of these have to be under way at once, and use the same DataSource.
	 */
	@CrdbTestDatabase
	@Execution(ExecutionMode.CONCURRENT)
	static class Parallel {

		private static final CountDownLatch begun = new CountDownLatch(3);

		private static Kit kit;

		@BeforeAll
		static void prepare(TestDatabase database) {
			kit = Kit.of(database.dataSource());
			kit.jdbc().sql("CREATE TABLE entry (id INT PRIMARY KEY)").update();
		}

		@Test
		@InjectRetries
		void once() throws Exception {
			run(1, 2);
		}

		@Test
		@InjectRetries(times = 2)
		void twice() throws Exception {
			run(2, 3);
		}

		@Test
		@InjectRetries(times = 0)
		void never() throws Exception {
			run(3, 1);
		}

		private void run(int id, int attempts) throws Exception {
			begun.countDown();
			assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
			kit.insert("parallel", id);
			assertThat(kit.attempts()).transaction("parallel").hasCalls(1).hasAttempts(attempts);
			Thread thread = new Thread(() -> kit.insert("own thread", 10 + id));
			thread.start();
			thread.join();
			assertThat(kit.attempts()).transaction("own thread").hasCalls(1).hasAttempts(attempts);
			assertThat(List.of(kit.count(id), kit.count(10 + id))).containsExactly(1, 1);
		}

	}

}
