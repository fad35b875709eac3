package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * What the server on the other end of a connection is.
 * <p>
 * CockroachDB presents itself through JDBC metadata as PostgreSQL 13. What tells it apart
 * is the parameter {@code crdb_version}, which it sends when a connection is opened, so
 * that no query is needed.
 *
 * @param vendor {@code CockroachDB} or {@code PostgreSQL}
 * @param version the version of CockroachDB, {@code null} if unknown or another vendor
 * @param description what the server says of itself
 * @since 0.1.0
 * @see PGConnection#getParameterStatus(String)
 */
public record ServerInfo(String vendor, @Nullable CrdbVersion version, String description) {

	private static final String COCKROACHDB = "CockroachDB";

	private static final String POSTGRESQL = "PostgreSQL";

	/**
	 * Whether the server is CockroachDB.
	 * @return {@code true} for CockroachDB
	 */
	public boolean isCockroach() {
		return COCKROACHDB.equals(this.vendor);
	}

	/**
	 * Return the version as a text, whatever the vendor: what is known of it, without the
	 * vendor's name.
	 * @return a text such as {@code 26.2.1}
	 */
	public String versionText() {
		return (this.version != null) ? this.version.toString()
				: this.description.replaceFirst("^" + this.vendor + "\\s+", "");
	}

	/**
	 * Whether the server has a feature, going by vendor and version. A CockroachDB whose
	 * version is unknown is taken for a current one.
	 * @param feature the feature
	 * @return {@code true} if it can be used
	 */
	public boolean supports(ServerFeature feature) {
		return isCockroach() ? feature.isInCockroach(this.version) : feature.isInPostgres();
	}

	/**
	 * Find out what a connection's server is. Sends nothing to the server.
	 * @param connection a connection, or a wrapper of one, of the PostgreSQL driver
	 * @return the server's vendor and version
	 * @throws SQLException if the connection is closed, or is not one of the PostgreSQL
	 * driver
	 */
	public static ServerInfo of(Connection connection) throws SQLException {
		PGConnection pgConnection = connection.unwrap(PGConnection.class);
		String crdbVersion = pgConnection.getParameterStatus("crdb_version");
		if (crdbVersion != null) {
			return new ServerInfo(COCKROACHDB, CrdbVersion.parse(crdbVersion), crdbVersion);
		}
		String serverVersion = pgConnection.getParameterStatus("server_version");
		return new ServerInfo(POSTGRESQL, null,
				(serverVersion != null) ? POSTGRESQL + " " + serverVersion : POSTGRESQL);
	}

}
