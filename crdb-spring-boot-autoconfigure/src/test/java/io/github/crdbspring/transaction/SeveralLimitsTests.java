package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.contention.ContentionSettings;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several applications that transfer between the same few accounts: each has a pool and a
 * limit of its own, and none knows of the others.
 */
@DatabaseTest
class SeveralLimitsTests {

	private static final int APPLICATIONS = 4;

	private static final int THREADS = 8;

	private static final int TRANSFERS = 5;

	private static final int ACCOUNTS = 4;

	private final AtomicInteger retries = new AtomicInteger();

	private final List<Long> millis = Collections.synchronizedList(new ArrayList<>());

	private final List<TransactionLimit> limits = Collections.synchronizedList(new ArrayList<>());

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void theBooksBalanceAndEverybodyIsServed(boolean limited, TestDatabase database) throws Exception {
		JdbcClient jdbc = database.jdbc();
		jdbc.sql("CREATE TABLE IF NOT EXISTS shared (id INT PRIMARY KEY, balance INT NOT NULL)").update();
		jdbc.sql("DELETE FROM shared").update();
		jdbc.sql("INSERT INTO shared SELECT id, 1000 FROM generate_series(1, " + ACCOUNTS + ") AS s(id)").update();
		long start = System.nanoTime();
		transferAll(database,
				CrdbTransactionSettings.builder().contention(limited ? ContentionSettings.defaults() : null).build());
		report(limited, System.nanoTime() - start);
		assertThat(this.millis).hasSize(APPLICATIONS * THREADS * TRANSFERS);
		assertThat(jdbc.sql("SELECT sum(balance) FROM shared").query(Integer.class).single())
			.isEqualTo(ACCOUNTS * 1000);
		assertThat(this.limits).hasSize(limited ? APPLICATIONS : 0).allSatisfy((limit) -> {
			assertThat(limit.underWay()).isZero();
			assertThat(limit.waiting()).isZero();
		});
	}

	private void transferAll(TestDatabase database, CrdbTransactionSettings settings) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(APPLICATIONS * THREADS);
		List<HikariDataSource> pools = new ArrayList<>();
		try {
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < APPLICATIONS; i++) {
				HikariDataSource pool = database.pool(THREADS);
				pools.add(pool);
				CrdbDataSource dataSource = new CrdbDataSource(pool);
				CrdbTransactionTemplate template = new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource),
						dataSource, CrdbTransactionOptions.builder().name("transfer").maxAttempts(1000).build(),
						settings.toBuilder().observers(List.of(new Recorder())).build());
				for (int j = 0; j < THREADS; j++) {
					done.add(threads.submit(() -> transfer(template, JdbcClient.create(dataSource))));
				}
			}
			for (Future<?> future : done) {
				future.get();
			}
		}
		finally {
			threads.shutdownNow();
			pools.forEach(HikariDataSource::close);
		}
	}

	private void transfer(CrdbTransactionTemplate template, JdbcClient jdbc) {
		for (int i = 0; i < TRANSFERS; i++) {
			int source = ThreadLocalRandom.current().nextInt(ACCOUNTS);
			int target = (source + 1 + ThreadLocalRandom.current().nextInt(ACCOUNTS - 1)) % ACCOUNTS;
			long start = System.nanoTime();
			template.executeWithoutResult((status) -> {
				// In the order of their ids: a deadlock is no 40001 on PostgreSQL
				int first = Math.min(source, target) + 1;
				int second = Math.max(source, target) + 1;
				int firstBalance = read(jdbc, first);
				int secondBalance = read(jdbc, second);
				LockSupport.parkNanos(2_000_000);
				write(jdbc, first, firstBalance - 1);
				write(jdbc, second, secondBalance + 1);
			});
			this.millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
		}
	}

	private static int read(JdbcClient jdbc, int id) {
		return jdbc.sql("SELECT balance FROM shared WHERE id = ?").param(id).query(Integer.class).single();
	}

	private static void write(JdbcClient jdbc, int id, int balance) {
		jdbc.sql("UPDATE shared SET balance = ? WHERE id = ?").params(balance, id).update();
	}

	private void report(boolean limited, long nanos) {
		List<Long> sorted = new ArrayList<>(this.millis);
		Collections.sort(sorted);
		System.out
			.println("%d x %d threads %s: %d commits in %d ms, %.2f retries per commit, p50 %d ms, p99 %d ms, max %d ms"
				.formatted(APPLICATIONS, THREADS, limited ? "with limits" : "without limits", sorted.size(),
						Duration.ofNanos(nanos).toMillis(), this.retries.get() / (double) sorted.size(),
						sorted.get(sorted.size() / 2), sorted.get(sorted.size() * 99 / 100),
						sorted.get(sorted.size() - 1)));
	}

	/**
	 * Counts retries, and keeps the limits.
	 */
	private final class Recorder implements TransactionObserver, TransactionObserver.Observed {

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return this;
		}

		@Override
		public void limitable(TransactionLimit limit) {
			SeveralLimitsTests.this.limits.add(limit);
		}

		@Override
		public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			SeveralLimitsTests.this.retries.incrementAndGet();
		}

	}

}
