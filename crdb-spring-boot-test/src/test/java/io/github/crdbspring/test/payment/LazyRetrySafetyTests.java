package io.github.crdbspring.test.payment;

import java.util.concurrent.atomic.AtomicInteger;

import io.github.crdbspring.test.CrdbTest;
import io.github.crdbspring.test.RetrySafety;
import io.github.crdbspring.test.RetrySafetyFinding;
import io.github.crdbspring.test.RetrySafetyReport;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RetrySafety} where a transaction has its connection only with its
 * first statement. Spring Boot 4.0 does not know the property.
 */
@CrdbTest(keepTables = "currency", properties = "spring.datasource.connection-fetch=lazy")
class LazyRetrySafetyTests {

	@Autowired
	private CrdbTransactionTemplate template;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void seesWhatChangesBeforeAndAfterTheFirstStatement() throws Exception {
		AtomicInteger first = new AtomicInteger();
		StringBuilder second = new StringBuilder();
		RetrySafetyReport report = RetrySafety.report(() -> this.template.executeWithoutResult((status) -> {
			first.incrementAndGet();
			this.jdbc.sql("SELECT nextval('receipt_number')").query().singleValue();
			second.append('x');
		}));
		assertThat(report.findings()).extracting(RetrySafetyFinding::description)
			.hasSize(3)
			.contains(
					"AtomicInteger of the action: 0 before, 1 after the rollback (in the end +2, without the failure +1)",
					"StringBuilder of the action:  before, x after the rollback")
			.anyMatch((description) -> description.startsWith("receipt_number: "));
	}

	@Test
	void whatASecondTransactionFindsIsNotLaidToItsCharge() throws Exception {
		RetrySafetyReport report = RetrySafety.report(() -> {
			for (int i = 1; i <= 2; i++) {
				int id = i;
				this.template
					.executeWithoutResult((status) -> this.jdbc.sql("INSERT INTO audit VALUES (?)").param(id).update());
			}
		});
		assertThat(report.isSafe()).as(report.toString()).isTrue();
	}

}
