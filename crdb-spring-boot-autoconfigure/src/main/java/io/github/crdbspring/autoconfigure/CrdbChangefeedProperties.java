package io.github.crdbspring.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties for listeners of changefeeds.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("crdb.changefeed")
public class CrdbChangefeedProperties {

	/**
	 * Whether methods with CrdbChangefeedListener are called.
	 */
	private boolean enabled = true;

	/**
	 * When to create the tables that keep the positions of listeners and rows that were
	 * put aside.
	 */
	private DatabaseInitializationMode initializeSchema = DatabaseInitializationMode.EMBEDDED;

	/**
	 * How often the server is asked to say that it has sent everything up to a time,
	 * which is the latency of delivery RESOLVED beside the server's own.
	 */
	private Duration resolvedInterval = Duration.ofSeconds(1);

	/**
	 * How long the instance that consumes may be silent until another one takes over.
	 */
	private Duration leaseDuration = Duration.ofSeconds(15);

	/**
	 * How often the position of a listener is stored while nothing happens.
	 */
	private Duration checkpointInterval = Duration.ofSeconds(10);

	/**
	 * How long a stop waits for a listener method to return.
	 */
	private Duration shutdownTimeout = Duration.ofSeconds(10);

	/**
	 * What happens to rows for which a listener method has failed as often as it is
	 * tried.
	 */
	private ErrorHandler errorHandler = ErrorHandler.PAUSE;

	/**
	 * How often a listener method is tried for the same rows. Conflicts, after which a
	 * transaction is run again, do not count.
	 */
	private int maxAttempts = 10;

	private final Buffer buffer = new Buffer();

	private final Pauses reconnect = new Pauses();

	private final Pauses retry = new Pauses();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public DatabaseInitializationMode getInitializeSchema() {
		return this.initializeSchema;
	}

	public void setInitializeSchema(DatabaseInitializationMode initializeSchema) {
		this.initializeSchema = initializeSchema;
	}

	public Duration getResolvedInterval() {
		return this.resolvedInterval;
	}

	public void setResolvedInterval(Duration resolvedInterval) {
		this.resolvedInterval = resolvedInterval;
	}

	public Duration getLeaseDuration() {
		return this.leaseDuration;
	}

	public void setLeaseDuration(Duration leaseDuration) {
		this.leaseDuration = leaseDuration;
	}

	public Duration getCheckpointInterval() {
		return this.checkpointInterval;
	}

	public void setCheckpointInterval(Duration checkpointInterval) {
		this.checkpointInterval = checkpointInterval;
	}

	public Duration getShutdownTimeout() {
		return this.shutdownTimeout;
	}

	public void setShutdownTimeout(Duration shutdownTimeout) {
		this.shutdownTimeout = shutdownTimeout;
	}

	public ErrorHandler getErrorHandler() {
		return this.errorHandler;
	}

	public void setErrorHandler(ErrorHandler errorHandler) {
		this.errorHandler = errorHandler;
	}

	public int getMaxAttempts() {
		return this.maxAttempts;
	}

	public void setMaxAttempts(int maxAttempts) {
		this.maxAttempts = maxAttempts;
	}

	public Buffer getBuffer() {
		return this.buffer;
	}

	public Pauses getReconnect() {
		return this.reconnect;
	}

	public Pauses getRetry() {
		return this.retry;
	}

	/**
	 * What happens to rows for which a listener has failed too often.
	 */
	public enum ErrorHandler {

		/**
		 * The listener is paused.
		 */
		PAUSE,

		/**
		 * The listener is stopped on this instance.
		 */
		STOP,

		/**
		 * The rows are left out.
		 */
		SKIP,

		/**
		 * The rows are put into a table.
		 */
		DEAD_LETTER

	}

	/**
	 * Properties of the rows that are kept in memory.
	 */
	public static class Buffer {

		/**
		 * How many rows of a feed are kept in memory at most. A transaction with more is
		 * an error.
		 */
		private int maxRows = 100_000;

		/**
		 * How large the rows of a feed that are kept in memory may be in all. A
		 * transaction with more is an error.
		 */
		private DataSize maxSize = DataSize.ofMegabytes(64);

		public int getMaxRows() {
			return this.maxRows;
		}

		public void setMaxRows(int maxRows) {
			this.maxRows = maxRows;
		}

		public DataSize getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(DataSize maxSize) {
			this.maxSize = maxSize;
		}

	}

	/**
	 * Properties of pauses that double.
	 */
	public static class Pauses {

		/**
		 * Pause after the first failure.
		 */
		private Duration initialInterval = Duration.ofMillis(500);

		/**
		 * Longest pause.
		 */
		private Duration maxInterval = Duration.ofSeconds(30);

		public Duration getInitialInterval() {
			return this.initialInterval;
		}

		public void setInitialInterval(Duration initialInterval) {
			this.initialInterval = initialInterval;
		}

		public Duration getMaxInterval() {
			return this.maxInterval;
		}

		public void setMaxInterval(Duration maxInterval) {
			this.maxInterval = maxInterval;
		}

	}

}
