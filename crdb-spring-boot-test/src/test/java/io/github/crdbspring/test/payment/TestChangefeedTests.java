package io.github.crdbspring.test.payment;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.changefeed.CrdbChangefeedListener;
import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestChangefeed;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TestChangefeed}.
 */
@CrdbTest(keepTables = "currency", properties = "crdb.changefeed.initialize-schema=always")
@Import({ TestChangefeed.class, TestChangefeedTests.Listener.class })
class TestChangefeedTests {

	@Autowired
	private TestChangefeed feed;

	@Autowired
	private Listener listener;

	@Autowired
	private JdbcClient jdbc;

	@Test
	@InjectRetries
	void aListenerIsFedByHand() {
		this.feed.insert("payment", 1, "{\"id\": 1}")
			.sameTransaction()
			.insert("payment", 2, "{\"id\": 2}")
			.duplicate()
			.resolved();
		await(() -> assertThat(ids()).containsExactly(1, 2));
		this.feed.insert("payment", 3, "{\"id\": 3}").resolved().fail("57P01", "node is draining");
		this.feed.insert("payment", 4, "{\"id\": 4}").resolved();
		await(() -> assertThat(ids()).containsExactly(1, 2, 3, 4));
		assertThat(this.listener.calls).contains(List.of(1, 2), List.of(3), List.of(4));
		assertThat(this.listener.calls.size()).isGreaterThan(3);
	}

	@Test
	void thereHasToBeARowToComeTwice() {
		assertThatIllegalStateException().isThrownBy(() -> new TestChangefeed().duplicate())
			.withMessage("There is no row yet that could come twice");
	}

	private List<Integer> ids() {
		return this.jdbc.sql("SELECT id FROM audit ORDER BY id").query(Integer.class).list();
	}

	private static void await(Runnable assertion) {
		Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion::run);
	}

	/**
	 * Writes down what it gets.
	 */
	static class Listener {

		private final JdbcClient jdbc;

		private final List<List<Integer>> calls = new ArrayList<>();

		Listener(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@CrdbChangefeedListener(tables = "payment")
		void received(List<Payment> payments) {
			synchronized (this.calls) {
				this.calls.add(payments.stream().map(Payment::id).toList());
			}
			payments
				.forEach((payment) -> this.jdbc.sql("INSERT INTO audit (id) VALUES (?)").param(payment.id()).update());
		}

	}

	/**
	 * A row.
	 */
	record Payment(int id) {

	}

}
