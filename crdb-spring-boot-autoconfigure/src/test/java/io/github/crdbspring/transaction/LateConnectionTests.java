package io.github.crdbspring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for a connection that is to be had only after the timeout.
 */
@DatabaseTest
class LateConnectionTests {

	@Test
	void nothingBeginsAfterTheTimeout(TestDatabase database) throws Exception {
		HikariDataSource pool = database.pool(1);
		TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(pool));
		Connection busy = pool.getConnection();
		CompletableFuture<Void> release = CompletableFuture.runAsync(() -> close(busy),
				CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().timeout(Duration.ofMillis(50)).build();
		assertThatExceptionOfType(TransactionDeadlineExceededException.class)
			.isThrownBy(() -> fixture.template().executeWithoutResult(options, (status) -> fixture.attempt()));
		assertThat(fixture.attempts).isEmpty();
		release.get(5, TimeUnit.SECONDS);
	}

	private static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
