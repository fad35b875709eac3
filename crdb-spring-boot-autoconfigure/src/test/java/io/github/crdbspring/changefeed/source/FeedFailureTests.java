package io.github.crdbspring.changefeed.source;

import java.sql.SQLException;

import io.github.crdbspring.jdbc.CrdbVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FeedFailure} and {@link Advisory}. The texts are the server's.
 */
class FeedFailureTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					55C01 | schema change occurred at 1577836800.0000000000 | SCHEMA_CHANGED
					XXUUU | "t" was truncated | CURSOR_EXPIRED
					XXUUU | batch timestamp 1.0,0 must be after replica GC threshold 2.0,0 | CURSOR_EXPIRED
					3D000 | database "d" does not exist; Hint: do the targets exist at the specified cursor time 1,0? | CURSOR_EXPIRED
					XXUUU | rangefeeds require the kv.rangefeed.enabled setting. See https://x | REFUSED
					42501 | current user must have a role WITH CONTROLCHANGEFEED | REFUSED
					XXUUU | failed to resolve targets in the CHANGEFEED stmt: table "nope" does not exist | REFUSED
					XXUUU | "t" was dropped | REFUSED
					42601 | syntax error | REFUSED
					XXUUU | CHANGEFEED cannot target views: v | REFUSED
					XXUUU | CHANGEFEEDs are currently supported on tables with exactly 1 column family: t has 2 | REFUSED
					08006 | An I/O error occurred while sending to the backend. | LOST
					57P01 | server is shutting down | LOST
					XXUUU | retryable changefeed error: rpc error | LOST
					""")
	void saysWhatToDo(String state, String message, FeedFailure.Kind kind) {
		FeedFailure failure = FeedFailure.of(new SQLException(message, state));
		assertThat(failure.kind()).isEqualTo(kind);
		assertThat(failure.message()).contains(message);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			v22.1.22, -
			v22.2.3, A104309
			v23.1.14, A104309
			v23.1.15, A123371
			v23.1.22, A131639
			v23.1.27, -
			v23.2.0, A104309
			v23.2.10, A131639
			v23.2.11, -
			v24.1.0, A131639
			v24.1.1, -
			v26.2.1, -
			""")
	void knowsTheAdvisoriesOfAVersion(String version, String advisory) {
		assertThat(Advisory.of(CrdbVersion.parse(version)))
			.satisfies((found) -> assertThat(found.isEmpty()).isEqualTo(advisory == null))
			.allSatisfy((found) -> assertThat(found).contains("Fixed in"));
		if (advisory != null) {
			assertThat(Advisory.of(CrdbVersion.parse(version))).anyMatch((found) -> found.contains(advisory));
		}
	}

}
