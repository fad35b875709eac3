package io.github.crdbspring.jdbc;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ServerInfo}.
 */
class ServerInfoTests {

	private static final String CRDB_VERSION = "CockroachDB CCL v26.2.1 (x86_64-pc-linux-gnu, built 2026/05/02, go1.25)";

	@Test
	void knowsCockroachFromItsParameterAlthoughItSaysThatItIsPostgres() throws SQLException {
		ServerInfo serverInfo = ServerInfo
			.of(connection(Map.of("crdb_version", CRDB_VERSION, "server_version", "13.0.0")));
		assertThat(serverInfo.vendor()).isEqualTo("CockroachDB");
		assertThat(serverInfo.isCockroach()).isTrue();
		assertThat(serverInfo.version()).isEqualTo(new CrdbVersion(26, 2, 1, null));
		assertThat(serverInfo.description()).isEqualTo(CRDB_VERSION);
	}

	@Test
	void aVersionThatCannotBeReadIsUnknownButTheVendorIsNot() throws SQLException {
		ServerInfo serverInfo = ServerInfo.of(connection(Map.of("crdb_version", "CockroachDB custom build")));
		assertThat(serverInfo.isCockroach()).isTrue();
		assertThat(serverInfo.version()).isNull();
		assertThat(serverInfo.description()).isEqualTo("CockroachDB custom build");
	}

	@Test
	void withoutTheParameterItIsPostgres() throws SQLException {
		ServerInfo serverInfo = ServerInfo.of(connection(Map.of("server_version", "18.1 (Debian 18.1-1)")));
		assertThat(serverInfo).isEqualTo(new ServerInfo("PostgreSQL", null, "PostgreSQL 18.1 (Debian 18.1-1)"))
			.returns(false, ServerInfo::isCockroach);
	}

	@Test
	void withoutAnyParameterItIsPostgresOfAnUnknownVersion() throws SQLException {
		assertThat(ServerInfo.of(connection(Map.of()))).isEqualTo(new ServerInfo("PostgreSQL", null, "PostgreSQL"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			CockroachDB CCL v19.2.12 (x86_64)        | SAVEPOINTS                 | false
			CockroachDB CCL v20.1.0-alpha.1 (x86_64) | SAVEPOINTS                 | true
			CockroachDB CCL v21.1.0-alpha.3 (x86_64) | SAVEPOINTS                 | true
			CockroachDB CCL v21.1.0-alpha.3 (x86_64) | LOCK_TIMEOUT               | false
			CockroachDB CCL v21.2.0 (x86_64)         | LOCK_TIMEOUT               | true
			CockroachDB CCL v21.2.17 (x86_64)        | QUALITY_OF_SERVICE         | false
			CockroachDB CCL v22.1.3 (x86_64)         | QUALITY_OF_SERVICE         | true
			CockroachDB CCL v21.2.17 (x86_64)        | QUERY_CANCEL               | false
			CockroachDB CCL v22.1.0-beta.1 (x86_64)  | QUERY_CANCEL               | true
			CockroachDB CCL v22.1.0 (x86_64)         | QUERY_CANCEL               | true
			CockroachDB CCL v25.1.9 (x86_64)         | BUFFERED_WRITES            | false
			CockroachDB CCL v25.2.0 (x86_64)         | BUFFERED_WRITES            | true
			CockroachDB CCL v23.1.30 (x86_64)        | READ_COMMITTED             | false
			CockroachDB CCL v23.2.0 (x86_64)         | READ_COMMITTED             | true
			CockroachDB CCL v24.2.0 (x86_64)         | REPEATABLE_READ            | false
			CockroachDB CCL v24.3.0 (x86_64)         | AUTOCOMMIT_BEFORE_DDL      | false
			CockroachDB CCL v25.1.0 (x86_64)         | AUTOCOMMIT_BEFORE_DDL      | true
			CockroachDB CCL v26.2.1 (x86_64)         | TRANSACTION_ADVISORY_LOCKS | false
			CockroachDB CCL v26.3.2 (x86_64)         | TRANSACTION_ADVISORY_LOCKS | true
			CockroachDB CCL v26.3.2 (x86_64)         | SESSION_ADVISORY_LOCKS     | false
			CockroachDB custom build                 | TRANSACTION_ADVISORY_LOCKS | true
			CockroachDB custom build                 | SESSION_ADVISORY_LOCKS     | false
			""")
	void knowsWhatAVersionCanDo(String crdbVersion, ServerFeature feature, boolean supported) throws SQLException {
		ServerInfo serverInfo = ServerInfo.of(connection(Map.of("crdb_version", crdbVersion)));
		assertThat(serverInfo.supports(feature)).isEqualTo(supported);
	}

	@Test
	void postgresCanDoWhatItInvented() throws SQLException {
		ServerInfo serverInfo = ServerInfo.of(connection(Map.of("server_version", "18.1")));
		assertThat(Stream.of(ServerFeature.values()).filter((feature) -> !serverInfo.supports(feature)))
			.containsExactlyInAnyOrder(ServerFeature.BOUNDED_STALENESS, ServerFeature.AUTOCOMMIT_BEFORE_DDL,
					ServerFeature.QUALITY_OF_SERVICE, ServerFeature.BUFFERED_WRITES, ServerFeature.CHANGEFEED,
					ServerFeature.CHANGEFEED_CHECKPOINT_FREQUENCY, ServerFeature.CHANGEFEED_SCHEMA_CHANGES,
					ServerFeature.CHANGEFEED_QUERY, ServerFeature.INJECTED_RETRY_ERRORS,
					ServerFeature.INJECTED_COMMIT_ERRORS);
	}

	@ParameterizedTest
	@EnumSource
	void everyFeatureIsInNoVersionOrFromAReleaseLineOn(ServerFeature feature) {
		if (feature.since() == null) {
			assertThat(feature.isInCockroach(CrdbVersion.parse("v99.1.0"))).isFalse();
			return;
		}
		assertThat(feature.isInCockroach(CrdbVersion.parse("v" + feature.since() + ".0"))).isTrue();
		assertThat(feature.isInCockroach(CrdbVersion.parse("v19.2.12"))).isFalse();
		assertThat(feature.isInCockroach(CrdbVersion.parse("v99.1.0"))).isTrue();
		assertThat(feature.isInCockroach(null)).as("unknown, so current").isTrue();
	}

	@Test
	void theDocumentationHasTheSameTable() throws IOException {
		List<String> rows = Files.readAllLines(Path.of("..", "docs", "differences.md"));
		assertThat(rows).filteredOn((row) -> row.matches("\\| `[A-Z_]+` \\|.*"))
			.containsExactlyElementsOf(Stream.of(ServerFeature.values())
				.map((feature) -> "| `" + feature + "` | " + ((feature.since() != null) ? feature.since() : "no")
						+ " | " + ((feature.byDefault() != null) ? feature.byDefault() : "–") + " | "
						+ (feature.isInPostgres() ? "yes" : "no") + " | "
						+ ((feature.seen() != null) ? feature.seen() : "read only") + " | ["
						+ feature.source().substring(feature.source().lastIndexOf('/') + 1) + "](" + feature.source()
						+ ") |")
				.toList());
	}

	@ParameterizedTest
	@EnumSource
	void everyFeatureNamesItsSourceAndWhatWasSeen(ServerFeature feature) {
		assertThat(feature.source())
			.matches("https://(www\\.cockroachlabs\\.com/docs|github\\.com/cockroachdb/cockroach)/[a-z0-9./-]+");
		assertThat(feature.byDefault() == null).isEqualTo(feature.since() == null);
		assertThat(feature.seen() == null || feature.seen().matches("(2[12]\\.1).*")).isTrue();
	}

	/**
	 * What no code asks for says nothing about this library and its test kit.
	 */
	@ParameterizedTest
	@EnumSource
	void everyFeatureIsUsed(ServerFeature feature) throws IOException {
		try (Stream<Path> library = Files.walk(Path.of("src/main/java"));
				Stream<Path> testKit = Files.walk(Path.of("../crdb-spring-boot-test/src/main/java"))) {
			assertThat(Stream.concat(library, testKit)
				.filter((path) -> path.toString().endsWith(".java"))
				.filter((path) -> !path.endsWith("ServerFeature.java")))
				.anySatisfy((path) -> assertThat(path).content()
					.contains(feature.equals(ServerFeature.REPEATABLE_READ) ? "ServerFeature.forIsolationLevel"
							: "ServerFeature." + feature.name()));
		}
	}

	@Test
	void aConnectionOfAnotherDriverIsRefused() {
		SQLException refusal = new SQLException("not a wrapper");
		Connection connection = proxy(Connection.class, (proxy, method, args) -> {
			throw refusal;
		});
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> ServerInfo.of(connection)).isSameAs(refusal);
	}

	/**
	 * A connection that can be asked for the server's parameters and for nothing else, so
	 * that whoever sends a query fails.
	 */
	private static Connection connection(Map<String, String> parameters) {
		PGConnection pgConnection = proxy(PGConnection.class, (proxy, method, args) -> {
			assertThat(method.getName()).isEqualTo("getParameterStatus");
			return parameters.get(args[0]);
		});
		return proxy(Connection.class, (proxy, method, args) -> {
			assertThat(method.getName()).isEqualTo("unwrap");
			assertThat(args).containsExactly(PGConnection.class);
			return pgConnection;
		});
	}

	private static <T> T proxy(Class<T> type, InvocationHandler handler) {
		return type
			.cast(Proxy.newProxyInstance(ServerInfoTests.class.getClassLoader(), new Class<?>[] { type }, handler));
	}

}
