package io.github.crdbspring.transaction;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for what the annotation sends over the wire, and that no text in a system time
 * gets there which was not parsed.
 */
class SystemTimeInjectionTests extends AbstractWireTests {

	private final Reports reports = proxied(new Reports(this.fixture.jdbc));

	@ParameterizedTest
	@ValueSource(strings = { "-1s'; DROP TABLE account", "-1s'; DROP TABLE account; --", "-1s' --", "-1s /* */",
			"/**/-1s", "-1s\u2019; DROP TABLE account", "-1s\u02bc", "\uff0d1s", "-\uff11s", "\u22121s", "-1s\\'",
			"-1s''", "'-1s'", "-1s)", "-1s\0", "-1s\n;COMMIT", "-1s\u2028", "$$-1s$$", "E'-1s'", "-1s, PRIORITY HIGH",
			"2026-01-31T08:00:00Z'; DROP TABLE account", "2026-01-31 08:00:00' READ WRITE", "1451635200000000000;",
			"1451635200000000000.0000000001'", "1e18", "0x10", "follower_read_timestamp(); COMMIT",
			"follower_read_timestamp() ", "FOLLOWER_READ_TIMESTAMP()", "now()", "(SELECT 1)", "$1", "?", "",
			"with_max_staleness('10s')" })
	void nothingIsSentForATextThatIsNoSystemTime(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf(text));
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	void nothingIsSentForATextThatIsTooLong() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf("-" + "0".repeat(100_000) + "1s"))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(1_000));
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	void nothingIsSentForAValueOfAnotherType() {
		Object disguised = new Object() {
			@Override
			public String toString() {
				return "-1s'; DROP TABLE account";
			}
		};
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf(disguised));
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf(List.of("-1s")));
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	void nothingIsSentForASystemTimeInTheFuture() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf(Instant.now().plusSeconds(60)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf(Duration.ofSeconds(-1)));
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	void anExpressionInTheTextIsNotEvaluated() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf("#{T(java.time.Instant).now()}"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.reports.asOf("${bound}"));
		assertThat(this.proxy.statements()).isEmpty();
	}

	@Test
	void withoutASystemTimeNothingIsSentForIt() {
		this.reports.asOf(null);
		assertThat(this.proxy.statements()).containsExactly("BEGIN READ ONLY",
				"SELECT balance FROM account WHERE id = $1", "COMMIT");
	}

	@Test
	@RequiresCockroach
	void theAnnotationSendsWhatTheTemplateSends() {
		this.fixture.template()
			.executeWithoutResult(CrdbTransactionOptions.builder()
				.priority(TransactionPriority.HIGH)
				.isolation(Isolation.SERIALIZABLE)
				.systemTime(SystemTime.parse("-1us"))
				.timeout(Duration.ofSeconds(10))
				.build(), (status) -> Conflicts.read(this.fixture.jdbc, 1));
		List<String> template = this.proxy.statements();
		assertThat(template).hasSize(4);
		this.proxy.clear();
		this.reports.withAllOptions("-1us");
		assertThat(this.proxy.statements()).isEqualTo(template);
		this.proxy.clear();
		this.reports.withAllOptions(Duration.ofNanos(1_000));
		assertThat(this.proxy.statements()).isEqualTo(template);
	}

	@Test
	void theAnnotationSendsNothingElseForReadOnly() {
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(this.reports::failReadOnly);
		assertThat(this.proxy.statements()).containsExactly("BEGIN READ ONLY",
				"SELECT balance FROM account WHERE id = $1", "ROLLBACK");
	}

	private Reports proxied(Reports target) {
		CrdbTransactionTemplate template = this.fixture.template();
		ProxyFactory factory = new ProxyFactory(target);
		factory.setProxyTargetClass(true);
		factory.addAdvisor(new CrdbTransactionalAdvisor((qualifier) -> template, (text) -> text));
		return (Reports) factory.getProxy();
	}

	/**
	 * What is advised.
	 */
	static class Reports {

		private final JdbcClient jdbc;

		Reports(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@CrdbTransactional(systemTime = "#time")
		int asOf(Object time) {
			return Conflicts.read(this.jdbc, 1);
		}

		@CrdbTransactional(systemTime = "#time", priority = TransactionPriority.HIGH,
				isolation = Isolation.SERIALIZABLE, timeout = "10s")
		int withAllOptions(Object time) {
			return Conflicts.read(this.jdbc, 1);
		}

		@CrdbTransactional(readOnly = true)
		void failReadOnly() {
			Conflicts.read(this.jdbc, 1);
			throw new UnsupportedOperationException();
		}

	}

}
