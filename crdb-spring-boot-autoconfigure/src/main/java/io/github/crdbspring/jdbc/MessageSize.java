package io.github.crdbspring.jdbc;

import java.io.InputStream;
import java.io.Reader;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/**
 * About how large the largest message is that a statement is sent with. Counts texts and
 * bytes, since nothing else makes a message large.
 */
final class MessageSize {

	/**
	 * How many rows of a batch the driver puts into one message at most, where it
	 * rewrites inserts.
	 */
	private static final int ROWS = 128;

	private long row;

	private long largestRow;

	private long batch;

	private boolean sent;

	/**
	 * Take note of a method call, which may set a parameter.
	 */
	void add(String method, @Nullable Object @Nullable [] args) {
		if (method.startsWith("set") && args != null && args.length > 1) {
			forgetWhatWasSent();
			this.row += size(args);
		}
		else if (method.equals("addBatch")) {
			forgetWhatWasSent();
			this.largestRow = Math.max(this.largestRow, this.row);
			this.batch += this.row;
			this.row = 0;
		}
	}

	/**
	 * The statement was sent. Its parameters stay until others are set.
	 */
	void sent() {
		this.sent = true;
	}

	/**
	 * Return the size of the largest message.
	 */
	long of(@Nullable String sql) {
		long parameters = Math.max(this.row, Math.min(this.batch, this.largestRow * ROWS));
		return parameters + ((sql != null) ? sql.length() : 0);
	}

	private void forgetWhatWasSent() {
		if (this.sent) {
			this.row = 0;
			this.largestRow = 0;
			this.batch = 0;
			this.sent = false;
		}
	}

	private static long size(@Nullable Object[] args) {
		Object value = args[1];
		if (value instanceof byte[] bytes) {
			return bytes.length;
		}
		if (value instanceof CharSequence text) {
			return text.length();
		}
		if (value instanceof PGobject object) {
			return (object.getValue() != null) ? object.getValue().length() : 0;
		}
		// A stream or a reader comes with its length
		boolean stream = value instanceof InputStream || value instanceof Reader;
		return (stream && args.length > 2 && args[2] instanceof Number length) ? length.longValue() : 0;
	}

}
