package io.github.crdbspring.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between the driver and the server: records the statements that go over the wire,
 * and makes the faults that a server does not produce on demand.
 */
public final class WireProxy implements AutoCloseable {

	private final ServerSocket listener;

	private final String host;

	private final int port;

	private final List<String> statements = new CopyOnWriteArrayList<>();

	private final AtomicInteger roundTrips = new AtomicInteger();

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final AtomicReference<Planned<WireFault>> fault = new AtomicReference<>();

	private final AtomicReference<Planned<Runnable>> pause = new AtomicReference<>();

	WireProxy(String host, int port) throws IOException {
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.host = host;
		this.port = port;
		start(this::accept);
	}

	/**
	 * Return the port on the loopback address.
	 * @return the port
	 */
	public int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * Return the statements so far, in the order in which the driver sent them.
	 * @return SQL texts
	 */
	public List<String> statements() {
		return List.copyOf(this.statements);
	}

	/**
	 * Return how often the driver has waited for the server so far: several statements
	 * may share a round trip.
	 * @return the number of round trips
	 */
	public int roundTrips() {
		return this.roundTrips.get();
	}

	/**
	 * Forget the statements and round trips so far.
	 */
	public void clear() {
		this.statements.clear();
		this.roundTrips.set(0);
	}

	/**
	 * Make a fault the next time that a statement is sent which starts with the given
	 * text.
	 * @param statement the start of the statement, such as {@code COMMIT}
	 * @param fault what happens to it
	 */
	public void failNext(String statement, WireFault fault) {
		this.fault.set(new Planned<>(statement, fault));
	}

	/**
	 * Hold a statement back the next time that one is sent which starts with the given
	 * text, and make then the fault that is planned for it, if any.
	 * @param statement the start of the statement, such as {@code COMMIT}
	 * @param pause returns when the statement may pass
	 */
	public void holdNext(String statement, Runnable pause) {
		this.pause.set(new Planned<>(statement, pause));
	}

	/**
	 * Forget what is planned and has not happened yet.
	 */
	public void forgetPlans() {
		this.fault.set(null);
		this.pause.set(null);
	}

	private void accept() throws IOException {
		while (!this.listener.isClosed()) {
			Socket client = this.listener.accept();
			Socket server = new Socket(this.host, this.port);
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			this.sockets.add(client);
			this.sockets.add(server);
			WireConnection connection = new WireConnection(this, client, server);
			start(connection::forwardRequests);
			start(connection::forwardReplies);
		}
	}

	/**
	 * Take note that the driver waits for replies.
	 */
	void waited() {
		this.roundTrips.incrementAndGet();
	}

	/**
	 * Take note of a statement.
	 * @return the fault that is to happen to it, or {@code null}
	 */
	WireFault sent(String sql) {
		if (sql.isEmpty()) {
			// The pool looks whether a connection that was idle is alive: at random for a
			// test
			this.roundTrips.decrementAndGet();
			return null;
		}
		this.statements.add(sql);
		Runnable pause = take(this.pause, sql);
		if (pause != null) {
			pause.run();
		}
		return take(this.fault, sql);
	}

	private static <T> T take(AtomicReference<Planned<T>> reference, String sql) {
		Planned<T> planned = reference.get();
		boolean met = planned != null && sql.startsWith(planned.statement()) && reference.compareAndSet(planned, null);
		return met ? planned.plan() : null;
	}

	/**
	 * Cut all connections, as a server that is killed does.
	 */
	public void cutAll() {
		this.sockets.forEach(WireProxy::closeQuietly);
		this.sockets.clear();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		cutAll();
	}

	private static void start(IoTask task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				// The connection is gone, which is the end of its threads
			}
		}, "wire-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	static void closeQuietly(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What happens to a statement.
	 */
	public enum Fault implements WireFault {

		/**
		 * The connection is cut before the statement reaches the server.
		 */
		CUT_BEFORE,

		/**
		 * The server runs the statement, and the connection is cut before its reply
		 * reaches the driver.
		 */
		CUT_AFTER,

		/**
		 * The server gets the statement, but from then on nothing comes back, and the
		 * connection stays open.
		 */
		SILENCE,

		/**
		 * The same as {@link ForgedError} with the SQLSTATE 40001.
		 */
		REPLY_40001,

		/**
		 * The same as {@link ForgedError} with the SQLSTATE 40003.
		 */
		REPLY_40003,

		/**
		 * The same as {@link ForgedError} with the SQLSTATE 57014.
		 */
		REPLY_57014

	}

	/**
	 * A plan and the statement it is meant for.
	 *
	 * @param <T> the type of the plan
	 * @param statement how the statement starts
	 * @param plan what happens to it
	 */
	private record Planned<T>(String statement, T plan) {

	}

	/**
	 * A thread's work.
	 */
	interface IoTask {

		void run() throws IOException;

	}

}
