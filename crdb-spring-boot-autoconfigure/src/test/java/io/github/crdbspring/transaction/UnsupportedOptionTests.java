package io.github.crdbspring.transaction;

import java.util.List;
import java.util.stream.Stream;

import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for options that PostgreSQL does not have.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnsupportedOptionTests extends AbstractWireTests {

	@Override
	@BeforeEach
	void connect() {
		assumeThat(database.isCockroach())
			.as("Needs a server without priorities, but this is " + database.serverInfo().description())
			.isFalse();
		super.connect();
	}

	static Stream<Arguments> unsupported() {
		CrdbTransactionOptions report = CrdbTransactionOptions.builder().name("report").build();
		return Stream.of(Arguments.of(report.toBuilder().priority(TransactionPriority.HIGH).build(), "priority HIGH"),
				Arguments.of(report.toBuilder().retryPriority(TransactionPriority.LOW).build(), "retry priority LOW"),
				Arguments.of(report.toBuilder().qualityOfService(QualityOfService.BACKGROUND).build(),
						"quality of service BACKGROUND"),
				Arguments.of(report.toBuilder().systemTime(SystemTime.parse("-10s")).build(), "system time '-10s'"));
	}

	@ParameterizedTest
	@MethodSource("unsupported")
	void isRefusedBeforeAnythingIsSent(CrdbTransactionOptions options, String option) {
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
			.isThrownBy(() -> template(UnsupportedOptionPolicy.FAIL).execute(options, (status) -> {
				throw new AssertionError("Must not be called");
			}))
			.withMessageContaining("'report'")
			.withMessageContaining(option)
			.withMessageContaining(database.serverInfo().description());
		assertThat(this.proxy.statements()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("unsupported")
	void isLeftOutIfIgnored(CrdbTransactionOptions options, String option, CapturedOutput output) {
		CrdbTransactionTemplate template = template(UnsupportedOptionPolicy.IGNORE);
		for (int i = 0; i < 2; i++) {
			this.proxy.clear();
			template.executeWithoutResult(options, (status) -> Conflicts.read(this.fixture.jdbc, 1));
			assertThat(this.proxy.statements()).containsExactly(options.readOnly() ? "BEGIN READ ONLY" : "BEGIN",
					"SELECT balance FROM account WHERE id = $1", "COMMIT");
		}
		assertThat(output).contains(option).contains(database.serverInfo().description());
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), "are ignored")).isOne();
	}

	@Test
	void withAnIgnoredSystemTimeItStillMustNotWrite() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().systemTime(SystemTime.parse("-10s")).build();
		assertThatExceptionOfType(UncategorizedSQLException.class)
			.isThrownBy(() -> template(UnsupportedOptionPolicy.IGNORE).executeWithoutResult(options,
					(status) -> Conflicts.add(this.fixture.jdbc, 1, 5)))
			.satisfies((ex) -> assertThat(ex.getSQLException().getSQLState()).isEqualTo("25006"));
	}

	@Test
	void aDefaultOfTheTemplateIsRefusedToo() {
		CrdbTransactionTemplate template = template(UnsupportedOptionPolicy.FAIL)
			.withOptions(CrdbTransactionOptions.builder().priority(TransactionPriority.LOW).build());
		assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> {
			}));
	}

	@Test
	void isolationIsSupported() {
		CrdbTransactionOptions options = CrdbTransactionOptions.builder().isolation(Isolation.READ_COMMITTED).build();
		String isolation = template(UnsupportedOptionPolicy.FAIL).execute(options,
				(status) -> this.fixture.jdbc.sql("SHOW transaction_isolation").query(String.class).single());
		assertThat(isolation).isEqualTo("read committed");
	}

	private CrdbTransactionTemplate template(UnsupportedOptionPolicy policy) {
		return this.fixture.template(CrdbTransactionOptions.none(),
				CrdbTransactionSettings.builder()
					.listeners(List.of(this.fixture.listener))
					.unsupportedOptions(policy)
					.build());
	}

}
