package io.github.crdbspring.sample.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the pool and the database, and hands on what either says, unless it is
 * told to be silent for a while or to cut a connection. Thread-safe.
 */
final class FaultProxy implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(FaultProxy.class);

	private static final int BACKLOG = 50;

	private final String host;

	private final int port;

	private final String writes;

	private final ServerSocket listener;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final AtomicReference<@Nullable PlannedCut> plannedCut = new AtomicReference<>();

	private volatile CountDownLatch silence = new CountDownLatch(0);

	/**
	 * Create a proxy, and start it.
	 * @param host the database's host
	 * @param port its port
	 * @param writes how a statement begins whose transaction's COMMIT may be cut
	 */
	FaultProxy(String host, int port, String writes) {
		this.host = host;
		this.port = port;
		this.writes = writes;
		try {
			this.listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		start(this::accept);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * Hand on nothing until {@link #resume()}.
	 */
	void pause() {
		if (this.silence.getCount() == 0) {
			this.silence = new CountDownLatch(1);
		}
	}

	void resume() {
		this.silence.countDown();
	}

	/**
	 * Cut the next connection on which a transaction commits that has written.
	 * @return done when the connection has been cut
	 */
	Future<?> cutNextCommit(CutMoment moment) {
		PlannedCut planned = new PlannedCut(moment, new CompletableFuture<>());
		this.plannedCut.set(planned);
		return planned.done();
	}

	void forgetCut() {
		this.plannedCut.set(null);
	}

	@Nullable PlannedCut takeCut() {
		return this.plannedCut.getAndSet(null);
	}

	boolean isWrite(String sql) {
		return sql.startsWith(this.writes);
	}

	void awaitSilenceEnd() throws InterruptedException {
		this.silence.await();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		this.silence.countDown();
		this.sockets.forEach(FaultProxy::close);
	}

	private void accept() throws IOException {
		while (true) {
			Socket client = this.listener.accept();
			start(() -> connect(client));
		}
	}

	/**
	 * Connect on a thread that then hands on requests. A database that cannot be reached
	 * is to the client one that hangs up.
	 */
	private void connect(Socket client) throws IOException, InterruptedException {
		awaitSilenceEnd();
		try (client; Socket server = new Socket(this.host, this.port)) {
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			this.sockets.add(client);
			this.sockets.add(server);
			ProxiedConnection connection = new ProxiedConnection(this, client, server);
			start(connection::forwardReplies);
			connection.forwardRequests();
		}
		finally {
			this.sockets.removeIf(Socket::isClosed);
		}
	}

	static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			logger.debug("A connection did not close", ex);
		}
	}

	private static void start(Forwarding forwarding) {
		Thread thread = new Thread(() -> {
			try {
				forwarding.run();
			}
			catch (IOException ex) {
				// Either side has hung up, as it may
				logger.debug("The end of a connection", ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}, "fault-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * A cut that is to come.
	 *
	 * @param moment when
	 * @param done completed when the connection has been cut
	 */
	record PlannedCut(CutMoment moment, CompletableFuture<@Nullable Void> done) {

	}

	/**
	 * What a thread does until its connection ends.
	 */
	private interface Forwarding {

		void run() throws IOException, InterruptedException;

	}

}
