package io.github.crdbspring.changefeed;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import io.github.crdbspring.changefeed.source.FeedConnections;
import io.github.crdbspring.changefeed.source.SqlChangefeedSource;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.SystemTime;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.util.Assert;

/**
 * Listens to a changefeed: opens it, keeps it open, and calls the listener.
 * <p>
 * With {@link Delivery#RESOLVED} and {@code exclusive}, as is the default, what the
 * listener writes to the same database happens once for each change: listener and
 * position are one transaction, which is <b>run again</b> as
 * {@link CrdbTransactionTemplate} does. What it does elsewhere, such as sending a mail,
 * may happen again with each such attempt, and is <b>not</b> taken back.
 * <p>
 * Thread-safe. Its own threads are virtual where the JVM has them, and are named after
 * the listener.
 *
 * @since 0.1.0
 */
public final class CrdbChangefeedContainer {

	private static final Log logger = LogFactory.getLog(CrdbChangefeedContainer.class);

	private static final int VIRTUAL_THREADS = 21;

	private final ContainerConfig config;

	private final boolean autoStartup;

	private final OffsetStore offsets;

	private final DeadLetters deadLetters;

	private @Nullable ContainerControl control;

	private @Nullable Thread thread;

	private CrdbChangefeedContainer(ContainerConfig config, boolean autoStartup, CrdbTransactionTemplate template) {
		this.config = config;
		this.autoStartup = autoStartup;
		this.offsets = new OffsetStore(template, config.id());
		this.deadLetters = new DeadLetters(template, config.id());
		config.observers().forEach((observer) -> observer.registered(this));
	}

	/**
	 * Start to describe a container.
	 * @param template runs the transactions of listener and position; its DataSource's
	 * database is the one whose changes are listened to
	 * @return a new builder
	 */
	public static Builder builder(CrdbTransactionTemplate template) {
		return new Builder(template);
	}

	/**
	 * Return the id of the listener.
	 * @return the id
	 */
	public String getId() {
		return this.config.id();
	}

	/**
	 * Whether it is started with the application.
	 * @return {@code true} by default
	 */
	public boolean isAutoStartup() {
		return this.autoStartup;
	}

	/**
	 * Whether its thread is running; it may be paused.
	 * @return {@code true} from the start to the end of the thread
	 */
	public synchronized boolean isRunning() {
		return this.control != null && !this.control.hasEnded();
	}

	/**
	 * Return how it fares.
	 * @return a snapshot
	 */
	public synchronized ChangefeedStatus getStatus() {
		if (this.control != null) {
			return this.control.status();
		}
		return new ContainerControl(this.config, "", Runnable::run).stoppedStatus();
	}

	/**
	 * Start, without waiting for the feed to be open. Does nothing if it is running. What
	 * goes wrong is in the log and in the status.
	 */
	public synchronized void start() {
		if (isRunning()) {
			return;
		}
		SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("crdb-changefeed-" + this.config.id() + "-");
		executor.setVirtualThreads(Runtime.version().feature() >= VIRTUAL_THREADS);
		executor.setDaemon(true);
		ContainerControl started = new ContainerControl(this.config, instance(), executor);
		Deliverer deliverer = new Deliverer(this.config, this.offsets, this.deadLetters, pauser(started), started);
		ContainerLoop loop = new ContainerLoop(this.config, started, this.offsets, deliverer);
		this.offsets.open();
		this.control = started;
		executor.execute(() -> {
			running(started, Thread.currentThread());
			loop.run();
		});
	}

	private synchronized void running(ContainerControl started, Thread current) {
		if (this.control == started) {
			this.thread = current;
		}
	}

	private static Deliverer.Pauser pauser(ContainerControl started) {
		return (time) -> {
			try {
				return started.pause(time);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
		};
	}

	private static String instance() {
		String host;
		try {
			host = InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			host = "unknown";
		}
		return host + ":" + ManagementFactory.getRuntimeMXBean().getPid() + ":"
				+ UUID.randomUUID().toString().substring(0, 8);
	}

	/**
	 * Stop, and give the lease back. Waits for the listener method to return, as long as
	 * the shutdown timeout allows; then it is interrupted, and its connection is closed.
	 */
	public void stop() {
		ContainerControl running;
		Thread runningThread;
		synchronized (this) {
			running = this.control;
			runningThread = this.thread;
		}
		if (running == null || running.hasEnded()) {
			return;
		}
		running.stop();
		try {
			if (running.awaitEnd(this.config.settings().shutdownTimeout())) {
				return;
			}
			logger.warn(LogMessage.format("Changefeed listener '%s' has not returned within %s ms, and is interrupted",
					this.config.id(), this.config.settings().shutdownTimeout().toMillis()));
			if (runningThread != null) {
				runningThread.interrupt();
			}
			this.offsets.abort();
			if (!running.awaitEnd(Duration.ofSeconds(1))) {
				logger.warn(LogMessage.format("Changefeed listener '%s' goes on although it was interrupted",
						this.config.id()));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Stop to listen until it is resumed. The call of the listener that is under way is
	 * finished first. The instance stays the one that consumes.
	 */
	public synchronized void pause() {
		if (this.control != null) {
			this.control.pauseByHand();
		}
	}

	/**
	 * Go on after a pause, from where it was.
	 */
	public synchronized void resume() {
		if (this.control != null) {
			this.control.resume();
		}
	}

	/**
	 * Call the listener again for rows that were put aside, the oldest first, each call
	 * in a transaction that takes them out of the table. Ends with the first failure.
	 * @return how many rows were processed
	 */
	public int replayDeadLetters() {
		return new DeadLetterReplay(this.offsets, this.deadLetters, this.config.target()).run();
	}

	/**
	 * Describe rows that were put aside.
	 * @param limit how many at most
	 * @return the oldest ones
	 */
	public List<DeadLetter> getDeadLetters(int limit) {
		return this.deadLetters.list(limit);
	}

	/**
	 * Describes a container. Not thread-safe.
	 */
	public static final class Builder {

		private final CrdbTransactionTemplate template;

		private @Nullable String id;

		private List<String> tables = List.of();

		private @Nullable String query;

		private Delivery delivery = Delivery.RESOLVED;

		private @Nullable SystemTime startAt;

		private InitialScan initialScan = InitialScan.NO;

		private boolean before;

		private boolean exclusive = true;

		private boolean transactional = true;

		private boolean autoStartup = true;

		private CursorExpiredPolicy onCursorExpired = CursorExpiredPolicy.FAIL;

		private ChangefeedErrorHandler errorHandler = ChangefeedErrorHandler.pause();

		private ChangefeedSettings settings = ChangefeedSettings.defaults();

		private @Nullable ChangefeedSource source;

		private JsonMapper jsonMapper = JsonMapper.shared();

		private List<ChangefeedObserver> observers = List.of();

		private @Nullable ApplicationEventPublisher events;

		private @Nullable ListenerArgument argument;

		private @Nullable Consumer<Object> listener;

		private Builder(CrdbTransactionTemplate template) {
			Assert.notNull(template, "'template' must not be null");
			this.template = template;
		}

		/**
		 * Set the id, which names the listener in the tables, in metrics and in logs.
		 * @param id a name that is unique among those that use the same database
		 * @return this builder
		 */
		public Builder id(String id) {
			this.id = id;
			return this;
		}

		/**
		 * Set the tables.
		 * @param tables names as in SQL
		 * @return this builder
		 */
		public Builder tables(String... tables) {
			this.tables = List.of(tables);
			return this;
		}

		/**
		 * Set a query in place of tables, which CockroachDB takes from 22.2 on.
		 * @param query a {@code SELECT} of one table
		 * @return this builder
		 */
		public Builder query(@Nullable String query) {
			this.query = query;
			return this;
		}

		/**
		 * Set when the listener gets rows.
		 * @param delivery {@code RESOLVED} by default
		 * @return this builder
		 */
		public Builder delivery(Delivery delivery) {
			this.delivery = delivery;
			return this;
		}

		/**
		 * Set where to start if no position is stored.
		 * @param startAt a time, {@code null} for now
		 * @return this builder
		 */
		public Builder startAt(@Nullable SystemTime startAt) {
			this.startAt = startAt;
			return this;
		}

		/**
		 * Set whether to start with what the tables hold if no position is stored.
		 * @param initialScan {@code NO} by default
		 * @return this builder
		 */
		public Builder initialScan(InitialScan initialScan) {
			this.initialScan = initialScan;
			return this;
		}

		/**
		 * Set whether rows come with what they were before.
		 * @param before {@code false} by default
		 * @return this builder
		 */
		public Builder before(boolean before) {
			this.before = before;
			return this;
		}

		/**
		 * Set whether only one instance of the application consumes.
		 * @param exclusive {@code true} by default
		 * @return this builder
		 */
		public Builder exclusive(boolean exclusive) {
			this.exclusive = exclusive;
			return this;
		}

		/**
		 * Set whether the listener and the change of its position are one transaction.
		 * @param transactional {@code true} by default; without effect if not exclusive
		 * @return this builder
		 */
		public Builder transactional(boolean transactional) {
			this.transactional = transactional;
			return this;
		}

		/**
		 * Set whether it starts with the application.
		 * @param autoStartup {@code true} by default
		 * @return this builder
		 */
		public Builder autoStartup(boolean autoStartup) {
			this.autoStartup = autoStartup;
			return this;
		}

		/**
		 * Set what happens if the position is too old.
		 * @param onCursorExpired {@code FAIL} by default
		 * @return this builder
		 */
		public Builder onCursorExpired(CursorExpiredPolicy onCursorExpired) {
			this.onCursorExpired = onCursorExpired;
			return this;
		}

		/**
		 * Set what happens if the listener fails.
		 * @param errorHandler {@link ChangefeedErrorHandler#pause()} by default
		 * @return this builder
		 */
		public Builder errorHandler(ChangefeedErrorHandler errorHandler) {
			this.errorHandler = errorHandler;
			return this;
		}

		/**
		 * Set what is common to all containers.
		 * @param settings {@link ChangefeedSettings#defaults()} by default
		 * @return this builder
		 */
		public Builder settings(ChangefeedSettings settings) {
			this.settings = settings;
			return this;
		}

		/**
		 * Set where rows come from.
		 * @param source by default the server of the template's DataSource
		 * @return this builder
		 */
		public Builder source(ChangefeedSource source) {
			this.source = source;
			return this;
		}

		/**
		 * Set what reads rows.
		 * @param jsonMapper a mapper, which is copied and made to keep all digits
		 * @return this builder
		 */
		public Builder jsonMapper(JsonMapper jsonMapper) {
			this.jsonMapper = jsonMapper;
			return this;
		}

		/**
		 * Set who is told how it fares.
		 * @param observers the observers
		 * @return this builder
		 */
		public Builder observers(List<ChangefeedObserver> observers) {
			this.observers = List.copyOf(observers);
			return this;
		}

		/**
		 * Set where a {@link ChangefeedGapEvent} is published.
		 * @param events a publisher, {@code null} for nowhere
		 * @return this builder
		 */
		public Builder events(@Nullable ApplicationEventPublisher events) {
			this.events = events;
			return this;
		}

		/**
		 * Set a listener that is called for each row.
		 * @param type what a row is read as: a record, a class, {@code JsonNode},
		 * {@code Map} or {@code String}
		 * @param listener the listener
		 * @param <T> the type of a row
		 * @return this builder
		 */
		public <T> Builder onEvent(Class<T> type, Consumer<ChangeEvent<T>> listener) {
			return listener(new ListenerArgument(type, true, false), listener);
		}

		/**
		 * Set a listener that is called for each transaction, or with
		 * {@link Delivery#ARRIVAL} for each row, with a list.
		 * @param type what a row is read as: a record, a class, {@code JsonNode},
		 * {@code Map} or {@code String}
		 * @param listener the listener
		 * @param <T> the type of a row
		 * @return this builder
		 */
		public <T> Builder onTransaction(Class<T> type, Consumer<List<ChangeEvent<T>>> listener) {
			return listener(new ListenerArgument(type, true, true), listener);
		}

		@SuppressWarnings("unchecked")
		Builder listener(ListenerArgument argument, Consumer<?> listener) {
			this.argument = argument;
			this.listener = (Consumer<Object>) listener;
			return this;
		}

		/**
		 * Make the container, which is not started by that.
		 * @return a new container
		 */
		public CrdbChangefeedContainer build() {
			Assert.hasText(this.id, "'id' must not be empty");
			Assert.isTrue(this.tables.isEmpty() != (this.query == null),
					() -> "Changefeed listener '" + this.id + "' needs either 'tables' or a 'query'");
			Assert.notNull(this.listener,
					() -> "Changefeed listener '" + this.id + "' needs 'onEvent' or 'onTransaction'");
			Assert.isTrue(this.exclusive || this.initialScan == InitialScan.NO, () -> "Changefeed listener '" + this.id
					+ "' is not exclusive, so that no position is stored and each start would scan: set initialScan to NO");
			ChangefeedSource rows = (this.source != null) ? this.source : new SqlChangefeedSource(
					this.template.getDataSource(), FeedConnections.like(this.template.getDataSource()));
			ListenerArgument taken = Objects.requireNonNull(this.argument);
			ListenerTarget target = new ListenerTarget(
					new RowReader(this.jsonMapper, taken, new KeyColumns(rows, this.tables)), taken.list(),
					this.listener);
			ContainerConfig config = new ContainerConfig(this.id, this.tables, this.query, this.delivery, this.startAt,
					this.initialScan, this.before, this.exclusive, this.transactional, this.onCursorExpired,
					this.errorHandler, this.settings, rows, target, this.observers, this.events);
			return new CrdbChangefeedContainer(config, this.autoStartup, this.template);
		}

	}

}
