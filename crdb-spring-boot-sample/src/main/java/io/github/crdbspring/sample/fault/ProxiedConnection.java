package io.github.crdbspring.sample.fault;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import io.github.crdbspring.sample.fault.FaultProxy.PlannedCut;
import org.jspecify.annotations.Nullable;

/**
 * One connection through the {@link FaultProxy}. It reads PostgreSQL's protocol, which is
 * CockroachDB's too, just as far as to find COMMIT in it.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">
 * PostgreSQL: Message Formats</a>
 */
final class ProxiedConnection {

	private static final int TLS_REQUEST = 80877103;

	private static final int GSSAPI_REQUEST = 80877104;

	private final FaultProxy proxy;

	private final Socket client;

	private final Socket server;

	/**
	 * The statements that the driver has prepared, by the names that it gave them.
	 */
	private final Map<String, String> prepared = new HashMap<>();

	private boolean hasWritten;

	private volatile @Nullable PlannedCut cutOnReply;

	ProxiedConnection(FaultProxy proxy, Socket client, Socket server) {
		this.proxy = proxy;
		this.client = client;
		this.server = server;
	}

	void forwardRequests() throws IOException, InterruptedException {
		try {
			DataInputStream in = input(this.client);
			DataOutputStream out = output(this.server);
			forwardStartup(in, out);
			while (true) {
				byte type = in.readByte();
				byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
				if (isCommitOfWrite(type, body) && cutsNow()) {
					return;
				}
				this.proxy.awaitSilenceEnd();
				forward(in, out, type, body);
			}
		}
		finally {
			cut();
		}
	}

	void forwardReplies() throws IOException, InterruptedException {
		try {
			DataInputStream in = input(this.server);
			DataOutputStream out = output(this.client);
			while (true) {
				byte type = in.readByte();
				byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
				this.proxy.awaitSilenceEnd();
				PlannedCut planned = this.cutOnReply;
				if (planned == null) {
					forward(in, out, type, body);
				}
				else if (type == 'Z') {
					// The database is ready again, so it has carried out what it was sent
					cut();
					planned.done().complete(null);
					return;
				}
			}
		}
		finally {
			cut();
		}
	}

	private static void forward(DataInputStream in, DataOutputStream out, byte type, byte[] body) throws IOException {
		out.writeByte(type);
		out.writeInt(body.length + Integer.BYTES);
		out.write(body);
		if (in.available() == 0) {
			out.flush();
		}
	}

	/**
	 * The first message has no type. Encryption is declined, since nothing could be read
	 * then.
	 */
	private void forwardStartup(DataInputStream in, DataOutputStream out) throws IOException {
		int length = in.readInt();
		int code = in.readInt();
		while (code == TLS_REQUEST || code == GSSAPI_REQUEST) {
			this.client.getOutputStream().write('N');
			length = in.readInt();
			code = in.readInt();
		}
		out.writeInt(length);
		out.writeInt(code);
		out.write(in.readNBytes(length - 2 * Integer.BYTES));
		out.flush();
	}

	private boolean isCommitOfWrite(byte type, byte[] body) {
		ByteBuffer buffer = ByteBuffer.wrap(body);
		switch (type) {
			case 'P' -> this.prepared.put(text(buffer), text(buffer).strip());
			case 'B' -> {
				// The name of the portal comes first
				text(buffer);
				return isCommitOfWrite(this.prepared.getOrDefault(text(buffer), ""));
			}
			case 'Q' -> {
				return isCommitOfWrite(text(buffer).strip());
			}
			default -> {
			}
		}
		return false;
	}

	private boolean isCommitOfWrite(String sql) {
		boolean commit = sql.startsWith("COMMIT");
		boolean found = commit && this.hasWritten;
		if (commit || sql.startsWith("ROLLBACK")) {
			this.hasWritten = false;
		}
		else if (this.proxy.isWrite(sql)) {
			this.hasWritten = true;
		}
		return found;
	}

	/**
	 * Carry out a cut, if one is planned.
	 * @return whether the connection is to end before COMMIT is handed on
	 */
	private boolean cutsNow() {
		PlannedCut planned = this.proxy.takeCut();
		if (planned == null) {
			return false;
		}
		if (planned.moment() == CutMoment.AFTER_COMMIT) {
			this.cutOnReply = planned;
			return false;
		}
		cut();
		planned.done().complete(null);
		return true;
	}

	private void cut() {
		FaultProxy.close(this.client);
		FaultProxy.close(this.server);
	}

	private static String text(ByteBuffer buffer) {
		int start = buffer.position();
		while (buffer.get() != 0) {
			continue;
		}
		return new String(buffer.array(), start, buffer.position() - start - 1, StandardCharsets.UTF_8);
	}

	private static DataInputStream input(Socket socket) throws IOException {
		return new DataInputStream(new BufferedInputStream(socket.getInputStream()));
	}

	private static DataOutputStream output(Socket socket) throws IOException {
		return new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
	}

}
