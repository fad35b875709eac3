package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.contention.BackoffSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A template over a DataSource, whose pauses are noted instead of waited for.
 */
public final class TransactionFixture {

	final CrdbDataSource dataSource;

	final JdbcTransactionManager transactionManager;

	public final JdbcClient jdbc;

	final List<Integer> attempts = new CopyOnWriteArrayList<>();

	final List<Duration> pauses = new CopyOnWriteArrayList<>();

	final RecordingListener listener = new RecordingListener();

	public TransactionFixture(CrdbDataSource dataSource) {
		this.dataSource = dataSource;
		this.transactionManager = new JdbcTransactionManager(dataSource);
		this.jdbc = JdbcClient.create(dataSource);
	}

	CrdbTransactionTemplate template() {
		return template(CrdbTransactionOptions.none(), true);
	}

	CrdbTransactionTemplate template(TransactionObserver observer) {
		return template(CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder()
					.listeners(List.of(this.listener))
					.observers(List.of(observer))
					.build());
	}

	CrdbTransactionTemplate template(CrdbTransactionOptions defaults, boolean retryConnectionErrors) {
		return template(defaults,
				CrdbTransactionSettings.builder()
					.backoff(BackoffSettings.defaults())
					.listeners(List.of(this.listener))
					.retryConnectionErrors(retryConnectionErrors)
					.build());
	}

	public CrdbTransactionTemplate template(CrdbTransactionOptions defaults, CrdbTransactionSettings settings) {
		return new CrdbTransactionTemplate(this.transactionManager, this.dataSource, defaults, settings,
				new Backoff(settings.backoff(), () -> 0, this.pauses::add));
	}

	/**
	 * Note the current attempt.
	 * @return its number
	 */
	public int attempt() {
		int number = TransactionAttempt.current().orElseThrow().number();
		this.attempts.add(number);
		return number;
	}

	/**
	 * Make an attempt that nobody runs.
	 */
	public static TransactionAttempt attempt(CrdbTransactionOptions options, int number) {
		return new TransactionAttempt(options, number, System.nanoTime(), null);
	}

	/**
	 * Notes how transactions end, and after how many attempts.
	 */
	static final class RecordingObserver implements TransactionObserver, TransactionObserver.Observed {

		final List<String> ends = new CopyOnWriteArrayList<>();

		@Override
		public Observed start(CrdbTransactionOptions options) {
			return this;
		}

		@Override
		public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
			this.ends.add(outcome + " " + ((last != null) ? last.number() : 0));
		}

	}

	/**
	 * Notes what it is told.
	 */
	static final class RecordingListener implements CrdbTransactionListener {

		final List<String> events = new ArrayList<>();

		@Override
		public synchronized void onRetry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			this.events.add("retry " + failed.number());
		}

		@Override
		public synchronized void onSuccess(TransactionAttempt last) {
			this.events.add("success " + last.number());
		}

		@Override
		public synchronized void onFailure(TransactionAttempt last, Throwable failure) {
			this.events.add("failure " + last.number() + " " + failure.getClass().getSimpleName());
		}

	}

}
