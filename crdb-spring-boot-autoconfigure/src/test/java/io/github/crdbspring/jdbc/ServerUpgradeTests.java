package io.github.crdbspring.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import org.springframework.jdbc.datasource.AbstractDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbDataSource} when the server is upgraded while the application
 * runs. The connections are fakes, since no single server changes its version on demand.
 */
class ServerUpgradeTests {

	private final Connection old = connection("CockroachDB CCL v25.4.3 (x86_64-pc-linux-gnu)");

	private final Connection upgraded = connection("CockroachDB CCL v26.2.1 (x86_64-pc-linux-gnu)");

	@Test
	void aNewPhysicalConnectionTellsTheNewVersion() throws SQLException {
		CrdbDataSource dataSource = new CrdbDataSource(borrows(this.old, this.old, this.upgraded));
		assertThat(dataSource.getServerInfo().versionText()).isEqualTo("25.4.3");
		dataSource.getConnection().close();
		assertThat(dataSource.getServerInfo().versionText()).isEqualTo("25.4.3");
		dataSource.getConnection().close();
		assertThat(dataSource.getServerInfo().versionText()).isEqualTo("26.2.1");
	}

	@Test
	void anOldConnectionDoesNotTurnTheVersionBack() throws SQLException {
		CrdbDataSource dataSource = new CrdbDataSource(borrows(this.old, this.upgraded, this.old));
		for (int i = 0; i < 3; i++) {
			dataSource.getConnection().close();
		}
		assertThat(dataSource.getServerInfo().versionText()).isEqualTo("26.2.1");
	}

	private static DataSource borrows(Connection... connections) {
		Deque<Connection> left = new ArrayDeque<>(List.of(connections));
		return new AbstractDataSource() {

			@Override
			public Connection getConnection() {
				return left.removeFirst();
			}

			@Override
			public Connection getConnection(String username, String password) {
				return getConnection();
			}

		};
	}

	private static Connection connection(String version) {
		return (Connection) Proxy.newProxyInstance(ServerUpgradeTests.class.getClassLoader(),
				new Class<?>[] { Connection.class, PGConnection.class },
				(proxy, method, args) -> switch (method.getName()) {
					case "isWrapperFor" -> true;
					case "unwrap" -> proxy;
					case "getParameterStatus" -> args[0].equals("crdb_version") ? version : null;
					case "equals" -> proxy == args[0];
					case "hashCode" -> System.identityHashCode(proxy);
					case "close" -> null;
					default -> throw new UnsupportedOperationException(method.toString());
				});
	}

}
