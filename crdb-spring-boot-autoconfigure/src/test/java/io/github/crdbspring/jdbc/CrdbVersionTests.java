package io.github.crdbspring.jdbc;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbVersion}.
 */
class CrdbVersionTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					CockroachDB CCL v21.1.0-alpha.3 (x86_64-linux-gnu, built 2026/11/20 09:22:30, go1.19.8) | 21.1.0-alpha.3
					CockroachDB CCL v26.2.1 (x86_64-pc-linux-gnu, built 2026/05/02 10:11:12, go1.25.1)      | 26.2.1
					CockroachDB OSS v19.2.12 (x86_64-unknown-linux-gnu, built 2020/11/05, go1.12.12)        | 19.2.12
					CockroachDB CCL v22.2.0-beta.5 (aarch64-apple-darwin, built 2022/11/01, go1.19.1)       | 22.2.0-beta.5
					CockroachDB CCL v23.1.0-rc.2 (x86_64-pc-linux-gnu, built 2023/05/01, go1.19.4)          | 23.1.0-rc.2
					CockroachDB CCL v20.2.0-alpha.1-1234-gabcdef012-dirty (x86_64, built x, go1.13)         | 20.2.0-alpha.1-1234-gabcdef012-dirty
					CockroachDB CCL v24.3.0-dev-dirty (x86_64, built x, go1.22)                             | 24.3.0-dev-dirty
					v20.1.17                                                                                | 20.1.17
					25.4.0                                                                                  | 25.4.0
					""")
	void parsesWhatServersSay(String text, String expected) {
		assertThat(CrdbVersion.parse(text)).hasToString(expected);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "CockroachDB", "PostgreSQL 18.1", "v21", "v21.1", "v21.1.", "99999999999.1.1", "v1.2.3x" })
	void unknownTextIsAnUnknownVersion(String text) {
		assertThat(CrdbVersion.parse(text)).isNull();
	}

	@Test
	void isOneNumber() {
		assertThat(version("v21.2.10").toInt()).isEqualTo(210210);
		assertThat(version("v9.0.3").toInt()).isEqualTo(90003);
	}

	@Test
	void ordersPreReleasesBeforeTheirRelease() {
		assertThat(new CrdbVersion[] { version("v20.2.19"), version("v21.1.0-alpha.1"), version("v21.1.0-alpha.3"),
				version("v21.1.0-alpha.10"), version("v21.1.0-beta.1"), version("v21.1.0-rc.1"), version("v21.1.0"),
				version("v21.1.1"), version("v21.2.0"), version("v22.1.0-alpha.1") })
			.isSorted();
	}

	@Test
	void aPreReleaseCountsAsItsReleaseLine() {
		assertThat(version("v22.1.0-alpha.1").isAtLeast(22, 1)).isTrue();
		assertThat(version("v21.2.19").isAtLeast(22, 1)).isFalse();
		assertThat(version("v26.1.0").isAtLeast(22, 2)).isTrue();
	}

	private static CrdbVersion version(String text) {
		CrdbVersion version = CrdbVersion.parse(text);
		assertThat(version).isNotNull();
		return version;
	}

}
