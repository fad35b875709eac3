package io.github.crdbspring.test;

import io.github.crdbspring.jdbc.ServerInfo;
import org.jspecify.annotations.Nullable;

/**
 * The server that was chosen for this JVM, when it was first needed.
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
			ServerInfo serverInfo = server.serverInfo();
			System.out.println("Tests run on " + serverInfo.description() + " (" + server.origin() + ")");
			return new ChosenServer(server, serverInfo);
		}
		catch (Exception ex) {
			throw new IllegalStateException("No database for tests could be started", ex);
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

	/**
	 * Stop the server. The next one who needs one has it chosen again.
	 */
	static void stop() throws Exception {
		synchronized (monitor) {
			ChosenServer stopped = chosen;
			chosen = null;
			if (stopped != null) {
				stopped.server.close();
			}
		}
	}

}
