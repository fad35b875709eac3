package io.github.crdbspring.transaction;

import java.util.List;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what goes over the wire.
 */
@DatabaseTest
class WireTests {

	private static TestDatabase database;

	private final WireProxy proxy = database.proxy();

	private final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(database.pool(1, this.proxy)));

	@BeforeAll
	static void createTables(TestDatabase testDatabase) {
		database = testDatabase;
		new Conflicts(testDatabase);
	}

	@BeforeEach
	void connect() {
		this.fixture.jdbc.sql("SELECT 1").query(Integer.class).single();
		this.proxy.clear();
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void withoutOptionsTheStatementsAreThoseOfPlainSpring() {
		new TransactionTemplate(this.fixture.transactionManager).executeWithoutResult((status) -> transfer());
		List<String> plain = this.proxy.statements();
		this.proxy.clear();
		this.fixture.template().executeWithoutResult((status) -> transfer());
		assertThat(this.proxy.statements()).isEqualTo(plain).hasSize(4).startsWith("BEGIN").last().isEqualTo("COMMIT");
	}

	@Test
	void withoutStatementsNothingIsSent() {
		this.fixture.template().executeWithoutResult((status) -> {
		});
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	@RequiresCockroach
	void optionsTravelInOneStatementWhichIsTheFirst() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder()
			.priority(TransactionPriority.LOW)
			.systemTime(SystemTime.parse("-1us"))
			.build();
		this.fixture.template()
			.executeWithoutResult(options, (status) -> assertThat(Conflicts.read(this.fixture.jdbc, 1)).isPositive());
		assertThat(this.proxy.statements()).containsExactly("BEGIN READ ONLY",
				"SET TRANSACTION PRIORITY LOW, AS OF SYSTEM TIME '-1us'", "SELECT balance FROM account WHERE id = $1",
				"COMMIT");
	}

	private void transfer() {
		Conflicts.read(this.fixture.jdbc, 1);
		Conflicts.add(this.fixture.jdbc, 1, 1);
	}

}
