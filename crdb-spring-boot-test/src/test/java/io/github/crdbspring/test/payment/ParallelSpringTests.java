package io.github.crdbspring.test.payment;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TransactionAttempts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for Spring tests that run at once, with the same application context and with
 * different ones: what one of them lets fail does not fail in another.
 */
class ParallelSpringTests {

	private static final AtomicInteger ids = new AtomicInteger(100);

	private static CyclicBarrier barrier;

	private static final Set<ApplicationContext> contexts = ConcurrentHashMap.newKeySet();

	@BeforeEach
	void forget() {
		barrier = new CyclicBarrier(2);
		contexts.clear();
	}

	@Test
	void classesThatShareAContext() {
		assertThat(run(Failing.class, Undisturbed.class)).isEmpty();
		assertThat(contexts).hasSize(1);
	}

	@Test
	void classesWithContextsOfTheirOwn() {
		assertThat(run(FailingTwice.class, Undisturbed.class)).isEmpty();
		assertThat(contexts).hasSize(2);
	}

	private static List<Throwable> run(Class<?>... types) {
		List<Throwable> failures = new CopyOnWriteArrayList<>();
		LauncherFactory.create()
			.execute(LauncherDiscoveryRequestBuilder.request()
				.selectors(DiscoverySelectors.selectClasses(types))
				.configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
				.configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
				.configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "2")
				.build(), new TestExecutionListener() {

					@Override
					public void executionFinished(TestIdentifier test, TestExecutionResult result) {
						result.getThrowable().ifPresent(failures::add);
					}

				});
		return failures;
	}

	/**
	 * A test that is under way together with that of another class.
	 */
	@SpringBootTest(webEnvironment = WebEnvironment.NONE)
	@CrdbTestDatabase
	@Import(SafePayments.class)
	@Execution(ExecutionMode.CONCURRENT)
	abstract static class AtOnce {

		private final int attempts;

		@Autowired
		private SafePayments payments;

		@Autowired
		private TransactionAttempts recorded;

		@Autowired
		private ApplicationContext context;

		AtOnce(int attempts) {
			this.attempts = attempts;
		}

		final void pay() throws Exception {
			contexts.add(this.context);
			meet();
			this.payments.receive(ids.incrementAndGet());
			meet();
			Thread thread = new Thread(() -> this.payments.receive(ids.incrementAndGet()));
			thread.start();
			thread.join();
			meet();
			assertThat(this.recorded).transaction("SafePayments.receive").hasCalls(2).hasAttempts(2 * this.attempts);
		}

		/**
		 * So that the other one's rules are still in force.
		 */
		@AfterEach
		void meet() throws Exception {
			barrier.await(60, TimeUnit.SECONDS);
		}

	}

	static class Failing extends AtOnce {

		Failing() {
			super(2);
		}

		@Test
		@InjectRetries
		void test() throws Exception {
			pay();
		}

	}

	@TestPropertySource(properties = "a.context=of-its-own")
	static class FailingTwice extends AtOnce {

		FailingTwice() {
			super(3);
		}

		@Test
		@InjectRetries(times = 2)
		void test() throws Exception {
			pay();
		}

	}

	static class Undisturbed extends AtOnce {

		Undisturbed() {
			super(1);
		}

		@Test
		void test() throws Exception {
			pay();
		}

	}

}
