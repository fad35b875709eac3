package io.github.crdbspring.test;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import io.github.crdbspring.test.WireProxy.Fault;
import org.jspecify.annotations.Nullable;

/**
 * One connection through the {@link WireProxy}, which knows just enough of PostgreSQL's
 * protocol to tell statements apart.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">
 * PostgreSQL: Message Formats</a>
 */
final class WireConnection {

	/**
	 * The codes with which the driver asks for encryption by GSSAPI or TLS.
	 */
	private static final Set<Integer> ENCRYPTION_REQUESTS = Set.of(80877104, 80877103);

	private static final byte[] NOTHING = {};

	private final WireProxy proxy;

	private final Socket client;

	private final Socket server;

	private final Map<String, String> prepared = new HashMap<>();

	private final CountDownLatch started = new CountDownLatch(1);

	private boolean cutOnceSent;

	private volatile boolean cutOnReply;

	private volatile boolean pauseOnReply;

	private volatile boolean silent;

	private volatile @Nullable ForgedError forgedError;

	private byte[] parse = NOTHING;

	WireConnection(WireProxy proxy, Socket client, Socket server) {
		this.proxy = proxy;
		this.client = client;
		this.server = server;
	}

	void forwardRequests() throws IOException {
		try {
			DataInputStream in = new DataInputStream(this.client.getInputStream());
			OutputStream out = this.server.getOutputStream();
			forwardStartup(in, out);
			this.started.countDown();
			while (true) {
				byte type = in.readByte();
				byte[] body = in.readNBytes(in.readInt() - 4);
				boolean intercepted = intercept(type, body);
				if (type == 'P' && !intercepted) {
					// Kept until it is known whether what it belongs to may pass
					this.parse = message(type, body);
				}
				else if (!intercepted) {
					out.write(this.parse);
					out.write(message(type, body));
					out.flush();
				}
				if (this.cutOnceSent && (type == 'S' || type == 'Q')) {
					return;
				}
				if (type != 'P') {
					this.parse = NOTHING;
				}
			}
		}
		finally {
			cut();
		}
	}

	void forwardReplies() throws IOException {
		try {
			this.started.await();
			DataInputStream in = new DataInputStream(new BufferedInputStream(this.server.getInputStream()));
			OutputStream out = new BufferedOutputStream(this.client.getOutputStream());
			while (true) {
				byte type = in.readByte();
				byte[] body = in.readNBytes(in.readInt() - 4);
				if (!forwardReply(type, body, out)) {
					return;
				}
				if (in.available() == 0) {
					out.flush();
				}
			}
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
		finally {
			cut();
		}
	}

	/**
	 * Forward a reply, or another in its place.
	 * @return whether the connection goes on
	 */
	private boolean forwardReply(byte type, byte[] body, OutputStream out) throws IOException {
		if (this.pauseOnReply) {
			this.pauseOnReply = false;
			this.proxy.pause();
		}
		ForgedError error = this.forgedError;
		boolean ready = type == 'Z';
		if (this.silent || this.cutOnReply) {
			// The server has run all that it was sent when it is ready again
			return this.silent || !ready;
		}
		if (error == null) {
			out.write(message(type, body));
		}
		else if (ready) {
			this.forgedError = null;
			out.write(message((byte) 'E', error.body()));
			if (!error.closed()) {
				// An error inside a transaction makes it fail
				out.write(message(type, (body[0] == 'T') ? new byte[] { 'E' } : body));
			}
			out.flush();
			return !error.closed();
		}
		return true;
	}

	private void forwardStartup(DataInputStream in, OutputStream out) throws IOException {
		while (true) {
			int length = in.readInt();
			byte[] body = in.readNBytes(length - 4);
			out.write(ByteBuffer.allocate(length).putInt(length).put(body).array());
			out.flush();
			if (!ENCRYPTION_REQUESTS.contains(ByteBuffer.wrap(body).getInt())) {
				return;
			}
			// The answer is one byte, and not a message as all that follows
			this.client.getOutputStream().write(this.server.getInputStream().read());
		}
	}

	/**
	 * Look at a message.
	 * @return whether it must not reach the server
	 */
	private boolean intercept(byte type, byte[] body) throws IOException {
		ByteBuffer buffer = ByteBuffer.wrap(body);
		switch (type) {
			case 'S' -> this.proxy.waited();
			case 'Q' -> {
				this.proxy.waited();
				return sent(text(buffer), true);
			}
			case 'P' -> this.prepared.put(text(buffer), text(buffer));
			case 'B' -> {
				text(buffer);
				return sent(this.prepared.getOrDefault(text(buffer), ""), false);
			}
			default -> {
			}
		}
		return false;
	}

	private boolean sent(String sql, boolean simpleQuery) throws IOException {
		WireFault fault = this.proxy.sent(sql, this.server.getLocalPort());
		if (fault == null) {
			return false;
		}
		if (fault instanceof ForgedError error) {
			return forge(sql, simpleQuery, error);
		}
		switch ((Fault) fault) {
			case CUT_BEFORE -> {
				cut();
				throw new IOException("Cut");
			}
			case CUT_DURING -> {
				this.cutOnceSent = true;
				return false;
			}
			case CUT_AFTER -> {
				this.cutOnReply = true;
				return false;
			}
			case NONE -> {
				return false;
			}
			case PAUSE_BEFORE -> {
				this.proxy.pause();
				return false;
			}
			case PAUSE_AFTER -> {
				this.pauseOnReply = true;
				return false;
			}
			case SILENCE -> {
				this.silent = true;
				return false;
			}
			case REPLY_40001 -> forge(sql, simpleQuery, ForgedError.of("40001"));
			case REPLY_40003 -> forge(sql, simpleQuery, ForgedError.of("40003"));
			case REPLY_57014 -> forge(sql, simpleQuery, ForgedError.of("57014"));
		}
		return true;
	}

	/**
	 * Have the reply replaced, and the statement unless it is to be run: by an unnamed
	 * statement and portal, whatever the names of those that the driver uses.
	 * @return whether the statement must not reach the server
	 */
	private boolean forge(String sql, boolean simpleQuery, ForgedError error) throws IOException {
		this.forgedError = error;
		if (error.executed()) {
			return false;
		}
		this.parse = NOTHING;
		String replacement = ForgedError.replacement(sql) + "\0";
		OutputStream out = this.server.getOutputStream();
		if (simpleQuery) {
			out.write(message((byte) 'Q', replacement.getBytes(StandardCharsets.UTF_8)));
		}
		else {
			out.write(message((byte) 'P', ("\0" + replacement + "\0\0").getBytes(StandardCharsets.UTF_8)));
			out.write(message((byte) 'B', new byte[8]));
		}
		return true;
	}

	private static byte[] message(byte type, byte[] body) {
		return ByteBuffer.allocate(body.length + 5).put(type).putInt(body.length + 4).put(body).array();
	}

	private static String text(ByteBuffer buffer) {
		int start = buffer.position();
		while (buffer.get() != 0) {
			continue;
		}
		return new String(buffer.array(), start, buffer.position() - start - 1, StandardCharsets.UTF_8);
	}

	private void cut() {
		this.started.countDown();
		WireProxy.closeQuietly(this.client);
		WireProxy.closeQuietly(this.server);
	}

}
