package io.github.crdbspring.sample;

import io.github.crdbspring.test.CrdbTestDatabase;
import io.github.crdbspring.test.EnabledOnCockroach;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@CrdbTestDatabase
@ExtendWith(OutputCaptureExtension.class)
class DemoTests {

	@Test
	void demoIsSummedUpOnce(TestDatabase database, CapturedOutput output) {
		try (TestBank bank = TestBank.start("--bank.demo=true", "--crdb.url=" + database.url())) {
			assertThat(bank.countTransfers()).isEqualTo(1000);
		}
		assertThat(output).containsOnlyOnce("1000 transfers by 8 threads between 10 accounts\n")
			.containsPattern("database +" + database.serverInfo().vendor() + " \\d")
			.containsPattern("transfers +1000 committed, 0 refused, 0 failed")
			.containsPattern("retries +[1-9]\\d*, at most \\d+ attempts")
			.containsPattern("throughput +\\d+ transfers/s")
			.containsPattern("balance +total balance unchanged: 10000.00");
	}

	@Test
	@EnabledOnCockroach
	void missingDatabaseIsCreated(TestDatabase database, CapturedOutput output) {
		String url = database.url().replaceFirst("/(test_\\w+)", "/$1%20%22new%22");
		try (TestBank bank = TestBank.start("--crdb.url=" + url)) {
			assertThat(bank.get("/accounts").status()).isEqualTo(200);
			assertThat(output).containsPattern("Created the database test_\\w+ \"new\"");
		}
	}

}
