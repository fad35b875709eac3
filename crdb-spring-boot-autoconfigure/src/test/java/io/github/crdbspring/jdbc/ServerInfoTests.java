package io.github.crdbspring.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
	@CsvSource(textBlock = """
			CockroachDB CCL v19.2.12 (x86_64),         false, false
			CockroachDB CCL v20.1.0-alpha.1 (x86_64),  true,  false
			CockroachDB CCL v20.1.0 (x86_64),          true,  false
			CockroachDB CCL v20.2.19 (x86_64),         true,  false
			CockroachDB CCL v21.1.0-alpha.3 (x86_64),  true,  false
			CockroachDB CCL v21.2.17 (x86_64),         true,  false
			CockroachDB CCL v22.1.0-beta.1 (x86_64),   true,  true
			CockroachDB CCL v22.1.0 (x86_64),          true,  true
			CockroachDB CCL v22.2.9 (x86_64),          true,  true
			CockroachDB CCL v26.2.1 (x86_64),          true,  true
			CockroachDB custom build,                  true,  true
			""")
	void knowsWhatAVersionCanDo(String crdbVersion, boolean savepoints, boolean queryCancel) throws SQLException {
		ServerInfo serverInfo = ServerInfo.of(connection(Map.of("crdb_version", crdbVersion)));
		assertThat(serverInfo.supportsSavepoints()).isEqualTo(savepoints);
		assertThat(serverInfo.supportsQueryCancel()).isEqualTo(queryCancel);
	}

	@Test
	void postgresCanDoBoth() throws SQLException {
		ServerInfo serverInfo = ServerInfo.of(connection(Map.of("server_version", "9.5.0")));
		assertThat(serverInfo.supportsSavepoints()).isTrue();
		assertThat(serverInfo.supportsQueryCancel()).isTrue();
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
