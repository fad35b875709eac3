package io.github.crdbspring.test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TestRun}: what happens on a thread belongs to the right test.
 */
class TestRunTests {

	/**
	 * As JUnit's pool does, which may start a thread while a test waits.
	 */
	private static final Executor ownThread = (task) -> new Thread(task).start();

	@Test
	void threadsOfATestBelongToIt() {
		TestRun run = TestRun.begin();
		try {
			assertThat(CompletableFuture.supplyAsync(TestRun::current, ownThread).join()).isSameAs(run);
		}
		finally {
			run.end();
		}
	}

	@Test
	void aThreadThatATestHasStartedCanRunAnother() {
		TestRun first = TestRun.begin();
		try {
			TestRun second = CompletableFuture.supplyAsync(() -> {
				TestRun own = TestRun.begin();
				assertThat(TestRun.begin()).as("begun twice by the same test").isNull();
				assertThat(TestRun.current()).isSameAs(own);
				own.end();
				return own;
			}, ownThread).join();
			assertThat(second).isNotNull().isNotSameAs(first);
			assertThat(TestRun.current()).isSameAs(first);
		}
		finally {
			first.end();
		}
	}

	@Test
	void aThreadOfNobodysBelongsToTheOnlyTestThatRuns() throws Exception {
		TestRun first = TestRun.begin();
		try {
			assertThat(onThreadOfNobodys()).isSameAs(first);
			TestRun second = CompletableFuture.supplyAsync(TestRun::begin, ownThread).join();
			assertThat(onThreadOfNobodys()).as("one of two").isNull();
			second.end();
			assertThat(onThreadOfNobodys()).isSameAs(first);
		}
		finally {
			first.end();
		}
	}

	private static TestRun onThreadOfNobodys() throws Exception {
		TestRun[] found = { null };
		Thread thread = new Thread(null, () -> found[0] = TestRun.current(), "nobody's", 0, false);
		thread.start();
		thread.join();
		return found[0];
	}

}
