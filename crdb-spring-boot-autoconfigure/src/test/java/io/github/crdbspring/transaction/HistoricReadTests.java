package io.github.crdbspring.transaction;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that read as of a system time.
 */
@DatabaseTest
@RequiresCockroach
class HistoricReadTests {

	private static CrdbDataSource dataSource;

	private static BigDecimal whenItWas100;

	private final TransactionFixture fixture = new TransactionFixture(dataSource);

	private final List<Integer> attempts = new ArrayList<>();

	@BeforeAll
	static void createHistory(TestDatabase database) {
		dataSource = database.dataSource();
		new Conflicts(database);
		TransactionFixture fixture = new TransactionFixture(dataSource);
		whenItWas100 = fixture.jdbc.sql("SELECT cluster_logical_timestamp()").query(BigDecimal.class).single();
		LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
		Conflicts.add(fixture.jdbc, 1, 900);
	}

	@BeforeEach
	void theNewBalanceIsAnother() {
		assertThat(Conflicts.read(this.fixture.jdbc, 1)).isEqualTo(1000);
	}

	@Test
	void readsAsOfATimestampOfTheHybridLogicalClock() {
		assertThat(balance(SystemTime.hlc(whenItWas100))).isEqualTo(100);
		assertThat(balance(SystemTime.parse(whenItWas100.toPlainString()))).isEqualTo(100);
	}

	@Test
	void readsAsOfAnInstant() {
		assertThat(balance(SystemTime.at(whenItWas100()))).isEqualTo(100);
		assertThat(balance(SystemTime.parse(whenItWas100().toString()))).isEqualTo(100);
	}

	@Test
	void readsAsOfAnAge() {
		// The age is one of a moment ago when it reaches the server, so that it may be
		// missed
		assertThat(Stream.generate(() -> SystemTime.ago(Duration.between(whenItWas100(), Instant.now())))
			.limit(20)
			.map(this::balance)).contains(100);
		assertThat(balance(SystemTime.parse("-1us"))).isEqualTo(1000);
	}

	@Test
	void aFollowerReadIsAFewSecondsOld() {
		BigDecimal nanos = asOf(SystemTime.followerRead(),
				() -> this.fixture.jdbc.sql("SELECT cluster_logical_timestamp()").query(BigDecimal.class).single());
		assertThat(Duration.between(Instant.ofEpochSecond(0, nanos.longValue()), Instant.now()))
			.isBetween(Duration.ofSeconds(2), Duration.ofSeconds(60));
	}

	@Test
	void readsAsOfTheSameTimeInEveryStatement() {
		List<Integer> balances = asOf(SystemTime.hlc(whenItWas100), () -> {
			int before = Conflicts.read(this.fixture.jdbc, 1);
			Conflicts.add(JdbcClient.create(dataSource.getTargetDataSource()), 2, 1);
			return List.of(before, Conflicts.read(this.fixture.jdbc, 2));
		});
		assertThat(balances).containsExactly(100, 100);
		assertThat(this.attempts).containsExactly(1);
	}

	@Test
	void aTableThatIsYoungerThanTheSystemTimeIsAnErrorThatSaysSo() {
		this.fixture.jdbc.sql("CREATE TABLE young (id INT PRIMARY KEY)").update();
		for (SystemTime systemTime : List.of(SystemTime.parse("-1h"), SystemTime.followerRead(),
				SystemTime.hlc(whenItWas100))) {
			this.attempts.clear();
			// 22.1 says first that there was no such database, either
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> asOf(systemTime,
						() -> this.fixture.jdbc.sql("SELECT count(*) FROM young").query(Integer.class).single()))
				.satisfies((ex) -> assertThat(ex.getRootCause())
					.hasMessageMatching("(?s).*(\"young\"|database \"\\w+\") does not exist.*"));
			assertThat(this.attempts).containsExactly(1);
		}
	}

	@Test
	void aWriteIsRefusedAndNotRetried() {
		assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> asOf(SystemTime.hlc(whenItWas100), () -> {
			Conflicts.add(this.fixture.jdbc, 1, 5);
			return null;
		})).satisfies((ex) -> {
			assertThat(ex).hasMessageContaining("read-only transaction");
			assertThat(((SQLException) ex.getCause()).getSQLState()).isEqualTo("25006");
		});
		assertThat(this.attempts).containsExactly(1);
		assertThat(this.fixture.listener.events).hasSize(1).first().asString().startsWith("failure 1");
	}

	private int balance(SystemTime systemTime) {
		return asOf(systemTime, () -> Conflicts.read(this.fixture.jdbc, 1));
	}

	private <T> T asOf(SystemTime systemTime, Supplier<T> read) {
		return this.fixture.template()
			.execute(CrdbTransactionOptions.builder().systemTime(systemTime).build(), (status) -> {
				this.attempts.add(TransactionAttempt.current().orElseThrow().number());
				return read.get();
			});
	}

	private static Instant whenItWas100() {
		return Instant.ofEpochSecond(0, whenItWas100.longValue());
	}

}
