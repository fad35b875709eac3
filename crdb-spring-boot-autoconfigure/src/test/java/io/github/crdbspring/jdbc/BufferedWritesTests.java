package io.github.crdbspring.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BufferedWrites}. The connections are fakes, since no server here is of
 * these versions.
 */
@ExtendWith(OutputCaptureExtension.class)
class BufferedWritesTests {

	@ParameterizedTest
	@CsvSource({ "25.1.9, false", "25.2.0-alpha.1, true", "25.2.0, true", "25.2.17, true", "25.3.5, true",
			"25.4.3, true", "25.4.4-rc.1, true", "25.4.4, false", "25.4.9, false", "26.1.0-beta.2, true",
			"26.1.0, true", "26.1.1, false", "26.2.0, false", "22.1.0, false" })
	void knowsTheVersionsThatMayLoseWrites(String version, boolean lost) {
		assertThat(BufferedWrites.mayBeLost(server(version))).isEqualTo(lost);
	}

	@Test
	void theFirstSavepointTellsOfIt(CapturedOutput output) throws SQLException {
		for (int i = 0; i < 2; i++) {
			connection("25.4.2").setSavepoint("here");
			connection("25.4.7").setSavepoint("here");
		}
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), "may lose writes")).isOne();
		assertThat(output).contains("CockroachDB 25.4.2 may lose writes")
			.contains("kv_transaction_buffered_writes_enabled")
			.contains("25.4.4, 26.1.1 or later");
	}

	private static Connection connection(String version) throws SQLException {
		Connection target = (Connection) Proxy.newProxyInstance(BufferedWritesTests.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, args) -> switch (method.getName()) {
					case "isWrapperFor", "getAutoCommit" -> false;
					case "unwrap" -> throw new SQLException("wraps nothing");
					default -> null;
				});
		return ConnectionGuard.guard(target, ServerRules.of(server(version), true));
	}

	private static ServerInfo server(String version) {
		return new ServerInfo("CockroachDB", CrdbVersion.parse("v" + version), "CockroachDB CCL v" + version);
	}

}
