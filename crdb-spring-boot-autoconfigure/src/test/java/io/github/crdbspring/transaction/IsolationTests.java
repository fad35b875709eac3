package io.github.crdbspring.transaction;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for isolation levels: those that the server has, and those that it makes into
 * another one without a word.
 */
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class IsolationTests {

	private static TestDatabase database;

	private static CrdbDataSource dataSource;

	private final TransactionFixture fixture = new TransactionFixture(dataSource);

	@BeforeAll
	static void connect(TestDatabase testDatabase) {
		database = testDatabase;
		dataSource = testDatabase.dataSource();
	}

	@Test
	void readCommittedIsSerializableOnServersWithoutIt() {
		assertThat(actual(Isolation.READ_COMMITTED)).isEqualTo(
				database.serverInfo().supports(ServerFeature.READ_COMMITTED) ? "read committed" : "serializable");
		assertThat(actual(Isolation.SERIALIZABLE)).isEqualTo("serializable");
	}

	@Test
	void warnsOnceIfTheServerDoesNotHaveTheLevel(CapturedOutput output) {
		CrdbTransactionTemplate template = this.fixture.template();
		template.executeWithoutResult(options(Isolation.SERIALIZABLE), (status) -> {
		});
		assertThat(output).doesNotContain("run as SERIALIZABLE");
		for (int i = 0; i < 2; i++) {
			template.executeWithoutResult(options(Isolation.READ_COMMITTED), (status) -> {
			});
		}
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), "run as SERIALIZABLE"))
			.isEqualTo(database.serverInfo().supports(ServerFeature.READ_COMMITTED) ? 0 : 1);
	}

	private String actual(Isolation isolation) {
		return this.fixture.template()
			.execute(options(isolation),
					(status) -> this.fixture.jdbc.sql("SHOW transaction_isolation").query(String.class).single());
	}

	private static CrdbTransactionOptions options(Isolation isolation) {
		return CrdbTransactionOptions.builder().name("weak").isolation(isolation).build();
	}

}
