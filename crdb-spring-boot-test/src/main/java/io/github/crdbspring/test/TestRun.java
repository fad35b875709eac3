package io.github.crdbspring.test;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;

/**
 * One run of a test method, from its first line to its last. It is known by the thread:
 * the test's own, and those that it starts. Another one, such as a server's, belongs to
 * the only test that runs, and to none if there are several.
 */
final class TestRun {

	private static final InheritableThreadLocal<@Nullable TestRun> ofThread = new InheritableThreadLocal<>();

	private static final Set<TestRun> active = ConcurrentHashMap.newKeySet();

	private final Map<String, AtomicInteger> foreignTransactions = new ConcurrentHashMap<>();

	private final Set<String> seen = new ConcurrentSkipListSet<>();

	private final AtomicInteger injected = new AtomicInteger();

	private final long begun = System.nanoTime();

	private final Thread owner = Thread.currentThread();

	private volatile @Nullable InjectionRule rule;

	private volatile @Nullable ApplicationContext applicationContext;

	private volatile @Nullable SafetyCheck safetyCheck;

	private TestRun() {
	}

	/**
	 * Begin a run on this thread, unless it has begun one already. A thread that was
	 * started by another test, such as one of a pool that runs tests, begins its own.
	 * @return the run if it begins here, and is to be ended here, else {@code null}
	 */
	static @Nullable TestRun begin() {
		TestRun current = ofThread.get();
		if (current != null && current.owner == Thread.currentThread() && active.contains(current)) {
			return null;
		}
		TestRun run = new TestRun();
		active.add(run);
		ofThread.set(run);
		return run;
	}

	static TestRun require() {
		TestRun run = current();
		if (run == null) {
			throw new IllegalStateException("No test method runs on this thread");
		}
		return run;
	}

	static @Nullable TestRun current() {
		TestRun current = ofThread.get();
		if (current != null && active.contains(current)) {
			return current;
		}
		Collection<TestRun> runs = Set.copyOf(active);
		return (runs.size() == 1) ? runs.iterator().next() : null;
	}

	void end() {
		active.remove(this);
		ofThread.remove();
		// Threads that were started in the meantime may go on, and know this one
		this.applicationContext = null;
		this.safetyCheck = null;
		this.rule = null;
	}

	long begun() {
		return this.begun;
	}

	@Nullable InjectionRule rule() {
		return this.rule;
	}

	void setRule(@Nullable InjectionRule rule) {
		this.rule = rule;
	}

	@Nullable SafetyCheck safetyCheck() {
		return this.safetyCheck;
	}

	void setSafetyCheck(@Nullable SafetyCheck safetyCheck) {
		this.safetyCheck = safetyCheck;
	}

	@Nullable ApplicationContext applicationContext() {
		return this.applicationContext;
	}

	void setApplicationContext(ApplicationContext applicationContext) {
		this.applicationContext = applicationContext;
	}

	/**
	 * Count a transaction that another one than this library began.
	 * @return how many there have been of that name, this one included
	 */
	int countForeign(String name) {
		return this.foreignTransactions.computeIfAbsent(name, (key) -> new AtomicInteger()).incrementAndGet();
	}

	void sawTransaction(String description) {
		this.seen.add(description);
	}

	/**
	 * Return the transactions of the run, by name.
	 */
	Set<String> seen() {
		return new TreeSet<>(this.seen);
	}

	/**
	 * Count a failure.
	 * @return how many there were before
	 */
	int countInjected() {
		return this.injected.getAndIncrement();
	}

	boolean isInjected() {
		return this.injected.get() > 0;
	}

}
