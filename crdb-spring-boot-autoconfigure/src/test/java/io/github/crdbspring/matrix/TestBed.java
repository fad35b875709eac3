package io.github.crdbspring.matrix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.Conflicts;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database, the proxy before it, the rival, and the applications that were started so
 * far.
 */
final class TestBed implements AutoCloseable {

	/**
	 * What logs a stack trace for each of thousands of faults.
	 */
	private static final List<String> NOISY = List.of("com.zaxxer.hikari", "org.hibernate", "org.springframework.jdbc",
			"org.springframework.orm", "org.springframework.transaction");

	private final TestDatabase database;

	private final WireProxy proxy;

	private final Conflicts conflicts;

	private final JdbcClient observer;

	private final Map<String, Application> applications = new HashMap<>();

	TestBed(TestDatabase database) {
		setLogLevel(LogLevel.OFF);
		this.database = database;
		this.proxy = database.proxy();
		this.conflicts = new Conflicts(database);
		this.observer = JdbcClient.create(database.pool(1));
		this.observer.sql("CREATE TABLE stored_call (id UUID PRIMARY KEY, token UUID NOT NULL)").update();
		this.observer.sql("CREATE INDEX ON stored_call (token)").update();
	}

	/**
	 * Return an application for a stack.
	 * @param timed whether all of its transactions have the timeout
	 */
	Application application(Stack stack, boolean timed) {
		return this.applications.computeIfAbsent(key(stack, timed),
				(key) -> new Application(this, stack.manager(), stack.autoCommit(), timed));
	}

	/**
	 * Give up an application that has lost connections, so that it is no burden to what
	 * comes next.
	 */
	void discard(Application application) {
		this.applications.values().remove(application);
		application.close();
	}

	private static String key(Stack stack, boolean timed) {
		return stack.manager() + " " + stack.autoCommit() + " " + timed;
	}

	/**
	 * Return how often a call is stored.
	 */
	int rows(UUID token) {
		return this.observer.sql("SELECT count(*) FROM stored_call WHERE token = ?")
			.param(token)
			.query(Integer.class)
			.single();
	}

	String url() {
		return this.database.url(this.proxy);
	}

	WireProxy proxy() {
		return this.proxy;
	}

	Conflicts conflicts() {
		return this.conflicts;
	}

	@Override
	public void close() {
		this.applications.values().forEach(Application::close);
		try {
			this.proxy.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			setLogLevel(null);
		}
	}

	private static void setLogLevel(LogLevel level) {
		LoggingSystem loggingSystem = LoggingSystem.get(TestBed.class.getClassLoader());
		NOISY.forEach((logger) -> loggingSystem.setLogLevel(logger, level));
	}

}
