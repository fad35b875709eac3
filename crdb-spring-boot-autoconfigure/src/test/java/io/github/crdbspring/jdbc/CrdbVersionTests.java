package io.github.crdbspring.jdbc;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbVersion}.
 */
class CrdbVersionTests {

	/**
	 * What real servers say of themselves, in {@code version()} or {@code crdb_version}:
	 * from public documentation, issues and transcripts of sessions; those without a
	 * product name are from the tests of
	 * <a href="https://github.com/cockroachdb/version">cockroachdb/version</a>, which has
	 * them from clusters in use.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					CockroachDB CCL v1.1.2 (linux amd64, built 2017/11/02 19:32:03, go1.8.3)                           | 1.1.2
					CockroachDB CCL v2.0-alpha.20171218 (darwin amd64, built 2017/12/18 14:22:51, go1.9.2)             | 2.0.0-alpha.20171218
					CockroachDB CCL v2.1.0-alpha.20180702-281-g07a11b8e8c-dirty (x86_64-apple-darwin17.6.0, go1.10.1)  | 2.1.0-alpha.20180702-281-g07a11b8e8c-dirty
					CockroachDB CCL v19.1.0-beta.20190318-377-gc45b9a400f (x86_64-apple-darwin17.7.0, go1.11)          | 19.1.0-beta.20190318-377-gc45b9a400f
					CockroachDB OSS v19.1.1 (x86_64-linux-gnu, built 2019/05/22 11:04:55, go1.12.5)                    | 19.1.1
					InCloudDRDB OSS v19.1.0145-g5b5586c-dirty (x86_64-unknown-linux-gnu, built 2019/11/04 )            | 19.1.145-g5b5586c-dirty
					CockroachDB CCL v19.2.4 (x86_64-unknown-linux-gnu, built 2020/02/06 21:55:19, go1.12.12)           | 19.2.4
					v19.2.10-39-ge450c34                                                                               | 19.2.10-39-ge450c34
					CockroachDB OSS v20.1.0                                                                            | 20.1.0
					CockroachDB CCL v20.1.15 (x86_64-unknown-linux-gnu, built 2021/04/26 16:11:58, go1.13.9)           | 20.1.15
					CockroachDB CCL v20.2.0-alpha.1-1529-g069d328c2d-dirty (x86_64-unknown-linux-gnu, go1.14.4)        | 20.2.0-alpha.1-1529-g069d328c2d-dirty
					v20.2.0-rc.2-32-gd67a35eddd                                                                        | 20.2.0-rc.2-32-gd67a35eddd
					CockroachDB CCL v21.1.0-alpha.3 (x86_64-linux-gnu, built 2026/11/20 09:22:30, go1.19.8)            | 21.1.0-alpha.3
					CockroachDB CCL v21.1.5 (x86_64-apple-darwin19, built 2021/07/02 04:00:15, go1.15.11)              | 21.1.5
					v21.1.0-247-g5668206478                                                                            | 21.1.0-247-g5668206478
					v22.1.22-25-g24e7b94071                                                                            | 22.1.22-25-g24e7b94071
					CockroachDB CCL v22.2.0-beta.4 (x86_64-pc-linux-gnu, built 2022/10/17 14:34:07, go1.19.1)          | 22.2.0-beta.4
					v22.2.10-1-g7b8322d67c-fips                                                                        | 22.2.10-1-g7b8322d67c-fips
					v22.2.10-fips                                                                                      | 22.2.10-fips
					sha256:6bbf843734d11db9cc5eb8ea77f6974032e17ad216c91ccecfaf52a4890eaa11:latest-v22.2-build         | 22.2.0-build
					v23.1.0-alpha.1-1643-gdf8e73734e-fips                                                              | 23.1.0-alpha.1-1643-gdf8e73734e-fips
					v23.1.0-swenson-mr-4                                                                               | 23.1.0-swenson-mr-4
					v23.1.11-cloudonly                                                                                 | 23.1.11-cloudonly
					v23.1.11-cloudonly2                                                                                | 23.1.11-cloudonly2
					v23.1.12-cloudonly-rc1                                                                             | 23.1.12-cloudonly-rc1
					CockroachDB OSS v23.1.11 (x86_64-pc-linux-gnu)                                                     | 23.1.11
					v23.2.0-alpha.00000000-4376-g7450647f213                                                           | 23.2.0-alpha.00000000-4376-g7450647f213
					v23.2.0-rc.2-cloudonly-rc2                                                                         | 23.2.0-rc.2-cloudonly-rc2
					CockroachDB CCL v24.3.5 (x86_64-pc-linux-gnu, built 2025/02/03 17:28:15, go1.22.8)                 | 24.3.5
					CockroachDB OSS v25.2.0-alpha.00000000-dev (darwin arm64, built , go1.22.8 X:nocoverageredesign)   | 25.2.0-alpha.00000000-dev
					CockroachDB CCL v25.4.12 (aarch64-unknown-linux-gnu, built 2026/06/24 12:28:17, go1.23.12)         | 25.4.12
					CockroachDB CCL v26.3.2 (aarch64-unknown-linux-gnu, built 2026/09/16 12:26:13, go1.26.6)           | 26.3.2
					v1.2.3+metadata                                                                                    | 1.2.3
					25.4.0                                                                                             | 25.4.0
					""")
	void parsesWhatServersSay(String text, String expected) {
		assertThat(CrdbVersion.parse(text)).hasToString(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "CockroachDB", "PostgreSQL 18.1", "PostgreSQL 13.0 on x86_64-pc-linux-gnu", "v21",
			"v21.1", "v21.1.", "v21.1-", "99999999999.1.1", "v1.99999999999.1", "v1.2.3x", "v1.2.beta",
			"CockroachDB CCL unknown (linux amd64, built , go1.19.8)", "CockroachDB CCL beta-20161013 (linux amd64)",
			"CockroachDB CCL latest-v22.2-build", "v1.2.3-$", "\u0000v" })
	void unknownTextIsAnUnknownVersion(String text) {
		assertThat(CrdbVersion.parse(text)).isNull();
	}

	@Test
	void isOneNumber() {
		assertThat(version("v21.2.10").toInt()).isEqualTo(210210);
		assertThat(version("v9.0.3").toInt()).isEqualTo(90003);
	}

	@Test
	void areOrderedAsTheyWereMade() {
		assertThat(Stream
			.of("v20.2.19", "v21.1.0-alpha.00000000-dev", "v21.1.0-alpha.1", "v21.1.0-alpha.1-1529-g069d328c2d",
					"v21.1.0-alpha.3", "v21.1.0-alpha.3-2846-g7ae3ac92f7", "v21.1.0-alpha.10", "v21.1.0-beta.1",
					"v21.1.0-beta.20210318", "v21.1.0-rc.1", "v21.1.0-rc.2", "v21.1.0-rc.2-cloudonly-rc1",
					"v21.1.0-rc.2-cloudonly.2", "v21.1.0-rc.10", "v21.1.0-cloudonly", "v21.1.0-cloudonly-rc1",
					"v21.1.0-cloudonly.2", "v21.1.0-cloudonly10", "v21.1.0", "v21.1.0-fips", "v21.1.0-1-g9cbe7c5281",
					"v21.1.0-247-g5668206478", "v21.1.0-swenson-mr-4", "v21.1.1-rc.1", "v21.1.1", "v21.1.10", "v21.2.0",
					"v22.1.0-alpha.1")
			.map(CrdbVersionTests::version)).isSorted().doesNotHaveDuplicates();
	}

	@Test
	void areEqualInOrderOnlyIfTheyAreEqual() {
		assertThat(version("v23.2.0-cloudonly2")).isNotEqualByComparingTo(version("v23.2.0-cloudonly.2"));
		assertThat(version("v23.2.0-rc.1")).isEqualByComparingTo(version("CockroachDB CCL v23.2.0-rc.1 (x)"));
	}

	@Test
	void noTextIsAnError() {
		Random random = new Random(42);
		String alphabet = "v.0123456789-gabcrl+ (:\n\u00e9";
		for (int i = 0; i < 20_000; i++) {
			String text = random.ints(random.nextInt(40), 0, alphabet.length())
				.mapToObj((index) -> alphabet.substring(index, index + 1))
				.collect(Collectors.joining());
			CrdbVersion version = CrdbVersion.parse(text);
			if (version != null) {
				assertThat(version).as(text).isEqualByComparingTo(version);
				assertThat(version.toInt()).as(text).isNotNegative();
			}
		}
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
