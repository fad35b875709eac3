package io.github.crdbspring.autoconfigure.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbCredentials;
import io.github.crdbspring.jdbc.ServerInfo;

import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.core.env.Environment;

/**
 * The pool for read-only transactions. Its sessions cannot write, and may ask CockroachDB
 * for follower reads, both as session variables that are set once for each physical
 * connection. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 * @see <a href= "https://www.cockroachlabs.com/docs/stable/follower-reads">CockroachDB:
 * Follower Reads</a>
 */
public final class ReadOnlyPool extends HikariDataSource implements CrdbConnectionCustomizer {

	static final String PREFIX = "crdb.read-only.hikari";

	private static final String FOLLOWER_READS = "default_transaction_use_follower_reads";

	private final CrdbJdbcConnectionDetails details;

	private final boolean followerReads;

	/**
	 * Create a new pool, which opens no connection yet.
	 * @param details where to connect to
	 * @param followerReads whether CockroachDB is asked for follower reads
	 */
	public ReadOnlyPool(CrdbJdbcConnectionDetails details, boolean followerReads) {
		this.details = details;
		this.followerReads = followerReads;
		setPoolName("crdb-read-only");
		setJdbcUrl(details.getJdbcUrl());
		setUsername(details.getUsername());
		setPassword(details.getPassword());
		setReadOnly(true);
	}

	/**
	 * Ask for the credentials of each physical connection.
	 * @param credentials knows them
	 */
	public void ask(CrdbCredentials credentials) {
		CredentialsPostProcessor.configure(this, credentials);
	}

	/**
	 * Take over what is configured for this pool.
	 * @param environment has the properties
	 */
	public void bind(Environment environment) {
		Binder.get(environment)
			.bind(PREFIX, Bindable.of(HikariDataSource.class).withExistingValue(this),
					new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
	}

	@Override
	public Map<String, String> sessionVariables() {
		Map<String, String> variables = new LinkedHashMap<>();
		variables.put("default_transaction_read_only", "on");
		if (this.followerReads) {
			variables.put(FOLLOWER_READS, "on");
		}
		return variables;
	}

	@Override
	public void customize(Connection connection, ServerInfo serverInfo) throws SQLException {
		Map<String, String> variables = new LinkedHashMap<>(sessionVariables());
		if (!serverInfo.isCockroach()) {
			variables.remove(FOLLOWER_READS);
		}
		String calls = variables.entrySet()
			.stream()
			.map((variable) -> "set_config('" + variable.getKey() + "', '" + variable.getValue() + "', false)")
			.collect(Collectors.joining(", "));
		try (Statement statement = connection.createStatement()) {
			statement.execute("SELECT " + calls);
		}
		catch (SQLException ex) {
			throw new SQLException("The session variables " + variables.keySet()
					+ " of the pool of crdb.read-only were " + "refused by " + serverInfo.description()
					+ ". Without follower reads: " + "crdb.read-only.follower-reads=false. " + ex.getMessage(),
					ex.getSQLState(), ex);
		}
	}

	@Override
	public void close() {
		try {
			super.close();
		}
		finally {
			this.details.destroy();
		}
	}

}
