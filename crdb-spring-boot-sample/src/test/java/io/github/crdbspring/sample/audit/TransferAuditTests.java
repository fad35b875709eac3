package io.github.crdbspring.sample.audit;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;

import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestChangefeed;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows a listener that is fed by hand, on any database: transfers that come twice, a
 * feed that fails, and transactions that fail, too.
 */
@CrdbTest
@Import({ TestChangefeed.class, TransferAudit.class })
class TransferAuditTests {

	private static final LocalDate DAY = LocalDate.of(2026, 11, 30);

	@Autowired
	private TestChangefeed feed;

	@Autowired
	private CrdbChangefeedRegistry listeners;

	@Autowired
	private JdbcClient jdbc;

	@BeforeEach
	void start() {
		this.listeners.start(TransferAudit.ID);
	}

	@AfterEach
	void stop() {
		this.listeners.stop(TransferAudit.ID);
	}

	@Test
	@InjectRetries
	void eachTransferIsCountedOnce() {
		transfer(1, "10.50").sameTransaction();
		transfer(2, "20.00").duplicate().resolved();
		awaitCounted(2, "30.50");
		this.feed.fail("57P01", "node is draining");
		transfer(3, "1.00").duplicate().resolved();
		awaitCounted(3, "31.50");
	}

	private TestChangefeed transfer(int key, String amount) {
		return this.feed.insert("transfer", key, """
				{"id": %d, "amount": %s, "created_at": "2026-11-30T12:00:00Z"}""".formatted(key, amount));
	}

	private void awaitCounted(int transfers, String amount) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(this.jdbc.sql("SELECT day, transfers, amount FROM audit")
				.query((row, number) -> row.getObject(1, LocalDate.class) + ": " + row.getInt(2) + ", "
						+ row.getBigDecimal(3))
				.list()).containsExactly(DAY + ": " + transfers + ", " + new BigDecimal(amount)));
	}

}
