package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A load of conflicting transfers, after which the books must balance.
 */
@DatabaseTest
class SoakTests {

	private static final int THREADS = 16;

	private static final int ACCOUNTS = 25;

	private static final int TRANSFERS = 5_000;

	private static final int BALANCE = 1_000_000;

	private static CrdbDataSource dataSource;

	private static JdbcClient jdbc;

	private final Attempts attempts = new Attempts();

	// More attempts than by default, of which one transfer in thousands would need more
	private final CrdbTransactionTemplate template = new CrdbTransactionTemplate(new JdbcTransactionManager(dataSource),
			dataSource, CrdbTransactionOptions.builder().maxAttempts(50).build(),
			CrdbTransactionSettings.builder().listeners(List.of(this.attempts)).build());

	@BeforeAll
	static void createTables(TestDatabase database) {
		dataSource = database.dataSource();
		jdbc = JdbcClient.create(dataSource);
		jdbc.sql("CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)").update();
		jdbc.sql("INSERT INTO account SELECT id, " + BALANCE + " FROM generate_series(1, " + ACCOUNTS + ") AS s(id)")
			.update();
		// Nothing here is unique, so that a transfer that was applied twice is counted
		jdbc.sql("CREATE TABLE history (transfer INT, source INT, target INT, amount INT)").update();
	}

	@Test
	@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void noTransferIsLostOrAppliedTwice() throws Exception {
		transferAll();
		assertThat(this.attempts.successes).hasValue(TRANSFERS);
		assertThat(this.attempts.retries).hasPositiveValue();
		assertThat(query("SELECT count(*) FROM history")).isEqualTo(TRANSFERS);
		assertThat(query("SELECT count(DISTINCT transfer) FROM history")).isEqualTo(TRANSFERS);
		assertThat(query("SELECT sum(balance) FROM account")).isEqualTo(ACCOUNTS * BALANCE);
		assertThat(query("SELECT count(*) FROM account WHERE balance <> " + BALANCE
				+ " + (SELECT coalesce(sum(amount), 0) FROM history WHERE target = id)"
				+ " - (SELECT coalesce(sum(amount), 0) FROM history WHERE source = id)"))
			.isZero();
	}

	private void transferAll() throws Exception {
		AtomicInteger next = new AtomicInteger();
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				done.add(threads.submit(() -> {
					int transfer;
					while ((transfer = next.getAndIncrement()) < TRANSFERS) {
						transfer(transfer);
					}
				}));
			}
			for (Future<?> future : done) {
				future.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private void transfer(int transfer) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		int source = random.nextInt(ACCOUNTS) + 1;
		int target = (source + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS + 1;
		int amount = random.nextInt(100) + 1;
		this.template.executeWithoutResult((status) -> {
			Map<Integer, Integer> balances = read(source, target);
			jdbc.sql("INSERT INTO history VALUES (?, ?, ?, ?)").params(transfer, source, target, amount).update();
			balances.merge(source, -amount, Integer::sum);
			balances.merge(target, amount, Integer::sum);
			// In the order of their ids: a deadlock is no 40001 on PostgreSQL
			balances.forEach(SoakTests::write);
		});
	}

	private static Map<Integer, Integer> read(int source, int target) {
		Map<Integer, Integer> balances = new TreeMap<>();
		jdbc.sql("SELECT id, balance FROM account WHERE id IN (?, ?)")
			.params(source, target)
			.query((RowCallbackHandler) (row) -> balances.put(row.getInt(1), row.getInt(2)));
		return balances;
	}

	private static void write(int id, int balance) {
		jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").params(balance, id).update();
	}

	private static int query(String sql) {
		return jdbc.sql(sql).query(Integer.class).single();
	}

	/**
	 * Counts.
	 */
	private static final class Attempts implements CrdbTransactionListener {

		private final AtomicInteger retries = new AtomicInteger();

		private final AtomicInteger successes = new AtomicInteger();

		@Override
		public void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			this.retries.incrementAndGet();
		}

		@Override
		public void onSuccess(TransactionAttempt last) {
			this.successes.incrementAndGet();
		}

	}

}
