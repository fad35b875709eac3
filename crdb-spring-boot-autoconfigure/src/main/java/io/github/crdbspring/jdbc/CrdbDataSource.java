package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A DataSource that knows its server and hands out {@link GuardedConnection}s, which make
 * sure that no commit reports a success that did not happen. It delegates to a pool,
 * which {@code unwrap} reaches.
 * <p>
 * Thread-safe if the target DataSource is.
 *
 * @since 0.1.0
 */
public class CrdbDataSource extends DelegatingDataSource {

	private volatile @Nullable ServerInfo serverInfo;

	/**
	 * Create a new data source.
	 * @param targetDataSource the pool to take connections of the PostgreSQL driver from
	 */
	public CrdbDataSource(DataSource targetDataSource) {
		super(targetDataSource);
	}

	@Override
	public Connection getConnection() throws SQLException {
		return guard(super.getConnection());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return guard(super.getConnection(username, password));
	}

	/**
	 * Return what the server is. Known once a connection has been opened; before that one
	 * is taken from the pool. No query is sent.
	 * @return the server's vendor and version
	 * @throws org.springframework.dao.DataAccessException if no connection can be had, or
	 * its driver is not the PostgreSQL driver
	 */
	public ServerInfo getServerInfo() {
		ServerInfo known = this.serverInfo;
		if (known != null) {
			return known;
		}
		try (Connection connection = getConnection()) {
			known = this.serverInfo;
			if (known != null) {
				return known;
			}
			throw new InvalidDataAccessResourceUsageException(
					"Not a connection of the PostgreSQL driver: " + connection.unwrap(Connection.class));
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("Failed to find out what the server is", ex);
		}
	}

	private Connection guard(Connection connection) throws SQLException {
		ServerInfo known = this.serverInfo;
		if (known == null && connection.isWrapperFor(PGConnection.class)) {
			known = readServerInfo(connection);
			this.serverInfo = known;
		}
		return ConnectionGuard.guard(connection, known);
	}

	private static ServerInfo readServerInfo(Connection connection) throws SQLException {
		try {
			return ServerInfo.of(connection);
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

}
