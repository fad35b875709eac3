package io.github.crdbspring.test;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import io.github.crdbspring.test.WireProxy.Fault;

/**
 * One connection through the {@link WireProxy}, which knows just enough of PostgreSQL's
 * protocol to tell statements apart.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">
 * PostgreSQL: Message Formats</a>
 */
final class WireConnection {

	private static final int STARTUP_CODE_OF_PROTOCOL_3 = 196608;

	private static final byte[] NOTHING = {};

	private final WireProxy proxy;

	private final Socket client;

	private final Socket server;

	private final Map<String, String> prepared = new HashMap<>();

	private volatile boolean cutOnReply;

	private volatile boolean silent;

	private volatile String errorInsteadOfReply;

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
			InputStream in = this.server.getInputStream();
			byte[] buffer = new byte[8192];
			int count;
			while ((count = in.read(buffer)) >= 0) {
				if (this.cutOnReply) {
					return;
				}
				if (this.silent) {
					continue;
				}
				String error = this.errorInsteadOfReply;
				if (error == null) {
					this.client.getOutputStream().write(buffer, 0, count);
					this.client.getOutputStream().flush();
				}
				else if (endsWithReadyForQuery(buffer, count)) {
					this.errorInsteadOfReply = null;
					reply(error);
				}
			}
		}
		finally {
			cut();
		}
	}

	private static void forwardStartup(DataInputStream in, OutputStream out) throws IOException {
		int code;
		do {
			int length = in.readInt();
			byte[] body = in.readNBytes(length - 4);
			code = ByteBuffer.wrap(body).getInt();
			out.write(ByteBuffer.allocate(length).putInt(length).put(body).array());
			out.flush();
		}
		while (code != STARTUP_CODE_OF_PROTOCOL_3);
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
				return sent(text(buffer));
			}
			case 'P' -> this.prepared.put(text(buffer), text(buffer));
			case 'B' -> {
				text(buffer);
				return sent(this.prepared.getOrDefault(text(buffer), ""));
			}
			default -> {
			}
		}
		return false;
	}

	private boolean sent(String sql) throws IOException {
		Fault fault = this.proxy.sent(sql);
		if (fault == null) {
			return false;
		}
		switch (fault) {
			case CUT_BEFORE -> {
				cut();
				throw new IOException("Cut");
			}
			case CUT_AFTER -> {
				this.cutOnReply = true;
				return false;
			}
			case SILENCE -> {
				this.silent = true;
				return false;
			}
			case REPLY_40001 -> replaceByRollback("40001");
			case REPLY_40003 -> replaceByRollback("40003");
			case REPLY_57014 -> replaceByRollback("57014");
		}
		return true;
	}

	/**
	 * Have the server roll back, by an unnamed statement and portal, whatever the names
	 * of those that the driver uses.
	 */
	private void replaceByRollback(String sqlState) throws IOException {
		this.errorInsteadOfReply = sqlState;
		this.parse = NOTHING;
		OutputStream out = this.server.getOutputStream();
		out.write(message((byte) 'P', "\0ROLLBACK\0\0\0".getBytes(StandardCharsets.UTF_8)));
		out.write(message((byte) 'B', new byte[8]));
	}

	private static boolean endsWithReadyForQuery(byte[] buffer, int count) {
		return count >= 6 && buffer[count - 6] == 'Z' && buffer[count - 2] == 5;
	}

	/**
	 * Answer in the server's place: an error, and that there is no transaction any more.
	 */
	private void reply(String sqlState) throws IOException {
		byte[] error = ("SERROR\0VERROR\0C" + sqlState + "\0Mmade up by the test\0\0").getBytes(StandardCharsets.UTF_8);
		this.client.getOutputStream().write(message((byte) 'E', error));
		this.client.getOutputStream().write(message((byte) 'Z', new byte[] { 'I' }));
		this.client.getOutputStream().flush();
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
		WireProxy.closeQuietly(this.client);
		WireProxy.closeQuietly(this.server);
	}

}
