package io.github.crdbspring.test;

import io.github.crdbspring.jdbc.ServerInfo;
import org.jspecify.annotations.Nullable;

/**
 * The server that was chosen for this JVM, when it was first needed. It lives as long as
 * the JVM, and not only as long as one run of JUnit's: a build tool may have several runs
 * in one JVM, and Spring's test framework keeps contexts from one to the next.
 */
final class ChosenServer {

	private static final Object monitor = new Object();

	private static @Nullable ChosenServer chosen;

	private static int databases;

	private final TestServer server;

	private final ServerInfo serverInfo;

	private ChosenServer(TestServer server, ServerInfo serverInfo) {
		this.server = server;
		this.serverInfo = serverInfo;
	}

	static ChosenServer get() {
		synchronized (monitor) {
			if (chosen == null) {
				chosen = choose();
			}
			return chosen;
		}
	}

	private static ChosenServer choose() {
		try {
			TestServer server = TestServer.choose();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop-test-database"));
			ServerInfo serverInfo = server.serverInfo();
			System.out.println("Tests run on " + serverInfo.description() + " (" + server.origin() + ")");
			return new ChosenServer(server, serverInfo);
		}
		catch (Exception ex) {
			throw new IllegalStateException("No database for tests could be started", ex);
		}
	}

	private static void stop(TestServer server) {
		try {
			server.close();
		}
		catch (Exception ex) {
			System.err.println("The database for tests was not stopped: " + ex);
		}
	}

	ServerInfo serverInfo() {
		return this.serverInfo;
	}

	TestDatabase createDatabase() {
		String name;
		synchronized (monitor) {
			name = "test_" + ProcessHandle.current().pid() + "_" + ++databases;
		}
		try {
			return new TestDatabase(this.server, this.serverInfo, name);
		}
		catch (Exception ex) {
			throw new IllegalStateException("No database could be created on " + this.serverInfo, ex);
		}
	}

}
