package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionFixture.RecordingListener;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A template whose transactions can be limited to one attempt at once, and threads that
 * call it.
 */
final class ContentionFixture implements TransactionObserver, AutoCloseable {

	static final Duration NEVER = Duration.ofHours(1);

	final HikariDataSource pool;

	final JdbcClient jdbc;

	final JdbcTransactionManager transactionManager;

	final CrdbTransactionTemplate template;

	final List<Duration> pauses = new CopyOnWriteArrayList<>();

	final List<String> events = new CopyOnWriteArrayList<>();

	final List<String> ends = new CopyOnWriteArrayList<>();

	final RecordingListener listener = new RecordingListener();

	private final Map<String, TransactionLimit> limits = new ConcurrentHashMap<>();

	private final ExecutorService threads = Executors.newCachedThreadPool();

	ContentionFixture(TestDatabase database, Duration stallTimeout, TransactionObserver... others) {
		this.pool = database.pool(4);
		CrdbDataSource dataSource = new CrdbDataSource(this.pool);
		this.jdbc = JdbcClient.create(dataSource);
		this.transactionManager = new JdbcTransactionManager(dataSource);
		BackoffSettings afterConflict = ContentionSettings.defaults().backoff();
		List<TransactionObserver> observers = new ArrayList<>(List.of(others));
		observers.add(this);
		CrdbTransactionSettings settings = CrdbTransactionSettings.builder()
			.listeners(List.of(this.listener))
			.observers(observers)
			.contention(new ContentionSettings(0.25, 0.5, 0, stallTimeout, afterConflict))
			.build();
		assertThat(afterConflict).isNotNull();
		this.template = new CrdbTransactionTemplate(this.transactionManager, dataSource, CrdbTransactionOptions.none(),
				settings, new Backoff(settings.backoff(), afterConflict, () -> 0, this.pauses::add));
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		return new Observed() {
			@Override
			public void waited(TransactionAttempt next, Duration time) {
				ContentionFixture.this.events.add("waited " + next.number());
			}

			@Override
			public void attemptStarted(TransactionAttempt attempt) {
				ContentionFixture.this.events.add("started " + attempt.number());
			}

			@Override
			public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome,
					@Nullable Throwable failure) {
				ContentionFixture.this.ends.add(outcome + " " + ((last != null) ? last.number() : 0));
			}
		};
	}

	@Override
	public void limitable(TransactionLimit limit) {
		assertThat(this.limits.put(limit.name(), limit)).isNull();
	}

	static CrdbTransactionOptions named(String name) {
		return CrdbTransactionOptions.builder().name(name).build();
	}

	static CannotAcquireLockException conflict() {
		return new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
	}

	TransactionLimit limit(String name) {
		TransactionLimit limit = this.limits.get(name);
		assertThat(limit).isNotNull();
		return limit;
	}

	/**
	 * Lose the connection of the transaction that is active on this thread.
	 */
	void loseConnection() {
		JdbcTemplate jdbcTemplate = new JdbcTemplate(this.transactionManager.getDataSource());
		jdbcTemplate.execute((ConnectionCallback<Boolean>) (connection) -> {
			connection.unwrap(PgConnection.class).close();
			return true;
		});
		jdbcTemplate.execute("SELECT 1");
	}

	/**
	 * Run a transaction of that name that is in conflict with nobody else of it.
	 */
	void limitToOne(String name) {
		this.template.executeWithoutResult(named(name), (status) -> {
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				throw conflict();
			}
		});
		assertThat(limit(name).limit()).isBetween(1.0, 1.3);
		this.events.clear();
		this.ends.clear();
		this.listener.events.clear();
	}

	/**
	 * Begin an attempt that holds the only place until the latch opens.
	 */
	Future<?> hold(String name, CountDownLatch latch) throws InterruptedException {
		CountDownLatch begun = new CountDownLatch(1);
		Future<?> holder = submit(() -> this.template.<Object>execute(named(name), (status) -> {
			begun.countDown();
			await(latch);
			return name;
		}));
		begun.await();
		return holder;
	}

	<T> Future<T> submit(Callable<T> call) {
		return this.threads.submit(call);
	}

	<T> List<Future<T>> submit(int times, Callable<T> call) {
		List<Future<T>> futures = new ArrayList<>();
		for (int i = 0; i < times; i++) {
			futures.add(submit(call));
		}
		return futures;
	}

	void awaitWaiting(String name, int callers) {
		while (limit(name).waiting() != callers) {
			Thread.onSpinWait();
		}
	}

	static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static <T> T get(Future<T> future) {
		try {
			return future.get();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.threads.shutdownNow();
	}

}
