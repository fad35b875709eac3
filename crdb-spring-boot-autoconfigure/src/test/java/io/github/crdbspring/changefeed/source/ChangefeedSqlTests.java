package io.github.crdbspring.changefeed.source;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

import io.github.crdbspring.jdbc.CrdbVersion;
import io.github.crdbspring.jdbc.ServerInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ChangefeedSql}.
 */
class ChangefeedSqlTests {

	@Test
	void asksForWhatTheVersionHas() {
		assertThat(ChangefeedSql.create(request(List.of("a", "bank.b"), null, false, false), version("v21.1.3")))
			.isEqualTo("CREATE CHANGEFEED FOR \"a\", \"bank\".\"b\" WITH updated, resolved = '1500ms', "
					+ "cursor = '17.0000000000', no_initial_scan, schema_change_policy = 'nobackfill'");
		assertThat(ChangefeedSql.create(request(List.of("a"), null, true, true), version("v22.1.0"))).isEqualTo(
				"CREATE CHANGEFEED FOR \"a\" WITH updated, resolved = '1500ms', min_checkpoint_frequency = '1500ms', "
						+ "cursor = '17.0000000000', initial_scan, schema_change_policy = 'nobackfill', diff");
	}

	@Test
	void aQueryComesWithTheSameEnvelope() {
		assertThat(
				ChangefeedSql.create(request(List.of(), "SELECT id FROM a WHERE x", false, false), version("v23.2.1")))
			.isEqualTo("CREATE CHANGEFEED WITH updated, resolved = '1500ms', min_checkpoint_frequency = '1500ms', "
					+ "cursor = '17.0000000000', no_initial_scan, envelope = 'wrapped' AS SELECT id FROM a WHERE x");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'', textBlock = """
			account, '"account"'
			Account, '"account"'
			"Account", '"Account"'
			bank.public.account, '"bank"."public"."account"'
			"a.b"."c""d", '"a.b"."c""d"'
			"x; DROP TABLE y", '"x; DROP TABLE y"'
			""")
	void namesAreQuoted(String table, String quoted) {
		assertThat(ChangefeedSql.quote(table)).isEqualTo(quoted);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "a; DROP TABLE b", "a..b", "\"a", "a\"b\"", "a.", "*, b" })
	void whatIsNoNameIsRefused(String table) {
		assertThatExceptionOfType(ChangefeedRefusedException.class).isThrownBy(() -> ChangefeedSql.quote(table))
			.withMessageContaining("'" + table + "'");
	}

	private static ServerInfo version(String version) {
		return new ServerInfo("CockroachDB", CrdbVersion.parse(version), version);
	}

	private static ChangefeedSource.Request request(List<String> tables, @Nullable String query, boolean before,
			boolean scan) {
		return new ChangefeedSource.Request("x", tables, query, before, new BigDecimal("17"), scan,
				Duration.ofMillis(1500));
	}

}
