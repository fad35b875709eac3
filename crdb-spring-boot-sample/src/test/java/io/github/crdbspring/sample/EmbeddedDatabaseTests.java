package io.github.crdbspring.sample;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

import io.github.crdbspring.sample.TestBank.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class EmbeddedDatabaseTests {

	@Test
	@Timeout(120)
	void withoutUrlRunsOnEmbeddedPostgresThatEndsWithTheApplication(CapturedOutput output) throws SQLException {
		String url;
		Answer load;
		try (TestBank bank = TestBank.start("--crdb.url=")) {
			assertThat(output).contains("embedded PostgreSQL").contains("--crdb.url=postgresql://");
			assertThat(bank.get("/actuator/health/crdb").body().at("/details/vendor").stringValue())
				.isEqualTo("PostgreSQL");
			assertThat(bank.jdbc().sql("SHOW transaction_isolation").query(String.class).single())
				.isEqualTo("serializable");
			url = bank.jdbcUrl();
			load = stopDuringLoad(bank);
		}
		assertThat(load.status()).isEqualTo(503);
		assertThat(load.text("detail")).contains("shutting down");
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(url));
	}

	private static Answer stopDuringLoad(TestBank bank) {
		CompletableFuture<Answer> load = bank.postAsync("/load", """
				{"transfers": 100000, "threads": 2}""");
		while (bank.countTransfers() == 0) {
			Thread.onSpinWait();
		}
		bank.close();
		return load.join();
	}

	private static void connect(String url) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
			assertThat(connection).isNull();
		}
	}

}
