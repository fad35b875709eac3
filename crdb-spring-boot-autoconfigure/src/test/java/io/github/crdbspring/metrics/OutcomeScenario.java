package io.github.crdbspring.metrics;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.TransactionObserver;
import io.github.crdbspring.transaction.contention.BackoffSettings;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionStatus;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Transactions with every outcome, on a real database, all of them named
 * {@code transfer}.
 */
final class OutcomeScenario implements AutoCloseable {

	static final Duration PAUSE = Duration.ofMillis(2);

	private final Conflicts conflicts;

	private final WireProxy proxy;

	private final CrdbDataSource dataSource;

	private final JdbcClient jdbc;

	private final List<TransactionObserver> observers;

	OutcomeScenario(TestDatabase database, TransactionObserver... observers) {
		this.conflicts = new Conflicts(database);
		this.proxy = database.proxy();
		this.dataSource = new CrdbDataSource(database.pool(2, this.proxy));
		this.jdbc = JdbcClient.create(this.dataSource);
		this.observers = List.of(observers);
	}

	void all() {
		committed();
		conflictInStatement();
		conflictAtCommit();
		connectionLost();
		rolledBack();
		exhausted();
		deadline();
		ambiguous();
		rejected();
	}

	void committed() {
		run((status) -> Conflicts.add(this.jdbc, 1, 5));
	}

	void conflictInStatement() {
		AtomicInteger attempts = new AtomicInteger();
		run((status) -> {
			Conflicts.read(this.jdbc, 1);
			if (attempts.incrementAndGet() == 1) {
				this.conflicts.lostUpdate(1);
			}
			Conflicts.add(this.jdbc, 1, 5);
		});
	}

	void conflictAtCommit() {
		AtomicInteger attempts = new AtomicInteger();
		run((status) -> {
			Conflicts.read(this.jdbc, 1);
			Runnable write = () -> Conflicts.add(this.jdbc, 2, 5);
			if (attempts.incrementAndGet() == 1) {
				this.conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
		});
	}

	void connectionLost() {
		AtomicInteger attempts = new AtomicInteger();
		run((status) -> {
			if (attempts.incrementAndGet() == 1) {
				this.proxy.failNext("UPDATE", Fault.CUT_BEFORE);
			}
			Conflicts.add(this.jdbc, 1, 5);
		});
	}

	void rolledBack() {
		run((status) -> {
			Conflicts.add(this.jdbc, 1, 5);
			status.setRollbackOnly();
		});
	}

	void exhausted() {
		assertThatExceptionOfType(MaxAttemptsExceededException.class)
			.isThrownBy(() -> template(PAUSE).executeWithoutResult(options().maxAttempts(2).build(), this::conflict));
	}

	void deadline() {
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> template(Duration.ofHours(1))
				.executeWithoutResult(options().timeout(Duration.ofMinutes(1)).build(), this::conflict));
	}

	void ambiguous() {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> run((status) -> {
			Conflicts.add(this.jdbc, 1, 5);
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		}));
	}

	/**
	 * A transaction that is rejected inside another one, which is committed.
	 */
	void rejected() {
		CrdbTransactionOptions inner = options().nested(NestedTransactionPolicy.REJECT).build();
		run((status) -> assertThatExceptionOfType(NestedTransactionRejectedException.class)
			.isThrownBy(() -> template(PAUSE).executeWithoutResult(inner, this::conflict)));
	}

	/**
	 * A transaction that joins another one; both are committed together.
	 */
	void joined() {
		run((status) -> run((joined) -> Conflicts.add(this.jdbc, 1, 5)));
	}

	void run(Consumer<TransactionStatus> action) {
		template(PAUSE).executeWithoutResult(options().build(), action);
	}

	private void conflict(TransactionStatus status) {
		Conflicts.read(this.jdbc, 1);
		this.conflicts.lostUpdate(1);
		Conflicts.add(this.jdbc, 1, 5);
	}

	private static CrdbTransactionOptions.Builder options() {
		return CrdbTransactionOptions.builder().name("transfer");
	}

	private CrdbTransactionTemplate template(Duration pause) {
		return new CrdbTransactionTemplate(new JdbcTransactionManager(this.dataSource), this.dataSource,
				CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder()
					.backoff(new BackoffSettings(pause, 1, pause, 0))
					.observers(this.observers)
					.build());
	}

	@Override
	public void close() throws IOException {
		this.proxy.close();
	}

}
