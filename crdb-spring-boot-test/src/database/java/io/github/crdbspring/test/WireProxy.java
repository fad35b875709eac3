package io.github.crdbspring.test;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * Stands between the driver and the server: records the statements that go over the wire,
 * and makes the faults that a server does not produce on demand. Before several servers
 * it gives each connection to the next one that accepts it, as a load balancer does.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class WireProxy implements AutoCloseable {

	private static final Duration PAUSE = Duration.ofMillis(500);

	private final ServerSocket listener;

	private final List<InetSocketAddress> servers;

	private final List<String> statements = Collections.synchronizedList(new ArrayList<>());

	private final AtomicInteger roundTrips = new AtomicInteger();

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final List<Planned<WireFault>> faults = new CopyOnWriteArrayList<>();

	private final List<Planned<Runnable>> pauses = new CopyOnWriteArrayList<>();

	private final CountDownLatch closed = new CountDownLatch(1);

	WireProxy(String host, int port) throws IOException {
		this(List.of(new InetSocketAddress(host, port)));
	}

	WireProxy(List<InetSocketAddress> servers) throws IOException {
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.servers = servers;
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
		this.faults.add(new Planned<>(statement, fault));
	}

	/**
	 * Make a fault as {@link #failNext(String, WireFault)} does, unless no such statement
	 * is sent in time.
	 * @param statement the start of the statement, such as {@code COMMIT}
	 * @param fault what happens to it
	 * @param patience how long to wait for such a statement
	 * @return the port from which the server is sent it, empty if there was none
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	public Optional<Integer> failNext(String statement, WireFault fault, Duration patience)
			throws InterruptedException {
		Planned<WireFault> planned = new Planned<>(statement, fault);
		this.faults.add(planned);
		try {
			return Optional.of(planned.port().get(patience.toMillis(), TimeUnit.MILLISECONDS));
		}
		catch (TimeoutException ex) {
			// It may have been sent this very moment
			return this.faults.remove(planned) ? Optional.empty() : Optional.of(planned.port().join());
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Hold a statement back the next time that one is sent which starts with the given
	 * text, and make then the fault that is planned for it, if any.
	 * @param statement the start of the statement, such as {@code COMMIT}
	 * @param pause returns when the statement may pass
	 */
	public void holdNext(String statement, Runnable pause) {
		this.pauses.add(new Planned<>(statement, pause));
	}

	/**
	 * Forget what is planned and has not happened yet.
	 */
	public void forgetPlans() {
		this.faults.clear();
		this.pauses.clear();
	}

	private void accept() throws IOException {
		for (int next = 0; !this.listener.isClosed(); next++) {
			Socket client = this.listener.accept();
			Socket server = connect(next);
			if (server == null) {
				client.close();
				continue;
			}
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			this.sockets.removeIf(Socket::isClosed);
			this.sockets.add(client);
			this.sockets.add(server);
			WireConnection connection = new WireConnection(this, client, server);
			start(connection::forwardRequests);
			start(connection::forwardReplies);
		}
	}

	private @Nullable Socket connect(int first) {
		for (int i = 0; i < this.servers.size(); i++) {
			InetSocketAddress server = this.servers.get((first + i) % this.servers.size());
			try {
				return new Socket(server.getAddress(), server.getPort());
			}
			catch (IOException ex) {
				// That server is down, which is what a load balancer is for
			}
		}
		return null;
	}

	/**
	 * Hold up a thread for as long as a connection pauses.
	 */
	void pause() throws IOException {
		try {
			this.closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			throw new InterruptedIOException();
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
	 * @param sql the statement
	 * @param port the port from which the server gets it
	 * @return the fault that is to happen to it, or {@code null}
	 */
	@Nullable WireFault sent(String sql, int port) {
		if (sql.isEmpty()) {
			// The pool looks whether a connection that was idle is alive: at random for a
			// test
			this.roundTrips.decrementAndGet();
			return null;
		}
		this.statements.add(sql);
		Runnable pause = take(this.pauses, sql, port);
		if (pause != null) {
			pause.run();
		}
		return take(this.faults, sql, port);
	}

	private static <T> @Nullable T take(List<Planned<T>> plans, String sql, int port) {
		for (Planned<T> planned : plans) {
			if (sql.startsWith(planned.statement()) && plans.remove(planned)) {
				planned.port().complete(port);
				return planned.plan();
			}
		}
		return null;
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
		this.closed.countDown();
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
		 * The connection is cut as soon as the server was sent the statement, which it
		 * may or may not run.
		 */
		CUT_DURING,

		/**
		 * The server runs the statement, and the connection is cut before its reply
		 * reaches the driver.
		 */
		CUT_AFTER,

		/**
		 * The statement passes.
		 */
		NONE,

		/**
		 * It takes half a second more until the server gets the statement.
		 */
		PAUSE_BEFORE,

		/**
		 * The server runs the statement, and it takes half a second more until the driver
		 * gets the reply.
		 */
		PAUSE_AFTER,

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
	 * @param port is told the port from which the server is sent the statement, when it
	 * has come
	 */
	private record Planned<T>(String statement, T plan, CompletableFuture<Integer> port) {

		Planned(String statement, T plan) {
			this(statement, plan, new CompletableFuture<>());
		}

	}

	/**
	 * A thread's work.
	 */
	interface IoTask {

		void run() throws IOException;

	}

}
