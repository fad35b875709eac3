package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
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
 * Thread-safe if the target DataSource and the customizers are.
 *
 * @since 0.1.0
 */
public class CrdbDataSource extends DelegatingDataSource {

	private static final Log logger = LogFactory.getLog(CrdbDataSource.class);

	private final List<CrdbConnectionCustomizer> customizers;

	/**
	 * The physical connections that have been prepared. Weak, so that one which the pool
	 * has closed is forgotten.
	 */
	private final Map<PGConnection, Prepared> prepared = Collections.synchronizedMap(new WeakHashMap<>());

	/**
	 * How often a prepared statement was found stale. What is stale on one connection is
	 * likely to be so on all.
	 */
	private final AtomicLong staleStatements = new AtomicLong();

	private final AtomicBoolean warned = new AtomicBoolean();

	private final boolean dialect;

	private volatile @Nullable ServerInfo serverInfo;

	private volatile @Nullable ServerRules lastRules;

	private volatile @Nullable FaultInjector faultInjector;

	/**
	 * Whether options are sent with the first statement. Unknown before the test of the
	 * first physical connection, if that is wanted at all.
	 */
	private volatile @Nullable Boolean pipelinesOptions = false;

	/**
	 * Create a new data source.
	 * @param targetDataSource the pool to take connections of the PostgreSQL driver from
	 */
	public CrdbDataSource(DataSource targetDataSource) {
		this(targetDataSource, List.of());
	}

	/**
	 * Create a new data source.
	 * @param targetDataSource the pool to take connections of the PostgreSQL driver from
	 * @param customizers what prepares each new physical connection, in this order
	 */
	public CrdbDataSource(DataSource targetDataSource, List<CrdbConnectionCustomizer> customizers) {
		this(targetDataSource, customizers, true);
	}

	/**
	 * Create a new data source.
	 * @param targetDataSource the pool to take connections of the PostgreSQL driver from
	 * @param customizers what prepares each new physical connection, in this order
	 * @param dialect whether statements are helped, with parameters that the driver does
	 * not know and with clear errors where the server lacks a feature; the outcome of
	 * transactions is guarded in any case
	 */
	public CrdbDataSource(DataSource targetDataSource, List<CrdbConnectionCustomizer> customizers, boolean dialect) {
		super(targetDataSource);
		this.customizers = List.copyOf(customizers);
		this.faultInjector = this.customizers.stream()
			.filter(FaultInjector.class::isInstance)
			.map(FaultInjector.class::cast)
			.findFirst()
			.orElse(null);
		this.dialect = dialect;
	}

	/**
	 * Set what stands between the connections that are handed out from now on and their
	 * server. Infrastructure of this library's test kit, no API for applications.
	 * @param faultInjector the injector, {@code null} for none
	 */
	public void setFaultInjector(@Nullable FaultInjector faultInjector) {
		this.faultInjector = faultInjector;
	}

	/**
	 * Set whether the options of a transaction, such as its priority, are sent together
	 * with its first statement, in one round trip. Off by default. The first physical
	 * connection tests whether driver, server and what is between them can do that, and
	 * if not, a warning says why. To be set before the first connection is taken.
	 * @param pipelineOptions whether to send them together
	 */
	public void setPipelineOptions(boolean pipelineOptions) {
		this.pipelinesOptions = (pipelineOptions && this.dialect) ? null : Boolean.FALSE;
	}

	@Override
	public Connection getConnection() throws SQLException {
		return guard(super.getConnection(), this);
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return guard(super.getConnection(username, password), this);
	}

	/**
	 * Return what the server is, as the newest physical connection told. Known once a
	 * connection has been opened; before that one is taken from the pool. No query is
	 * sent.
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

	/**
	 * Return what the server is, as far as that is known without a connection.
	 * @return the server's vendor and version, {@code null} as long as no connection has
	 * been opened
	 */
	public @Nullable ServerInfo findServerInfo() {
		return this.serverInfo;
	}

	/**
	 * Guard a connection that comes from elsewhere than the target, as those of this
	 * DataSource are. Infrastructure for a provider of connections that nobody can wrap.
	 * @param connection the connection
	 * @return a guarded connection, or the same if it is guarded or not of the PostgreSQL
	 * driver
	 * @throws SQLException if the connection cannot be prepared; it is closed then
	 */
	public Connection guardIfNeeded(Connection connection) throws SQLException {
		try {
			if (connection.isWrapperFor(GuardedConnection.class) || !connection.isWrapperFor(PGConnection.class)) {
				return connection;
			}
		}
		catch (SQLException | RuntimeException ex) {
			try (connection) {
				throw ex;
			}
		}
		return guard(connection, null);
	}

	/**
	 * Return a copy that takes its connections from elsewhere, with the same customizers.
	 * @param targetDataSource what opens connections of the PostgreSQL driver
	 * @return a new data source
	 */
	public CrdbDataSource withTarget(DataSource targetDataSource) {
		CrdbDataSource copy = new CrdbDataSource(targetDataSource, this.customizers, this.dialect);
		copy.pipelinesOptions = this.pipelinesOptions;
		return copy;
	}

	private Connection guard(Connection connection, @Nullable DataSource source) throws SQLException {
		try {
			PGConnection driver = findDriver(connection);
			Prepared physical = (driver != null) ? prepare(connection, driver) : null;
			return ConnectionGuard.guard(connection, driver, rules((physical != null) ? physical.server() : null),
					(physical != null) ? physical.found() : null, this.faultInjector, source);
		}
		catch (SQLException | RuntimeException ex) {
			try (connection) {
				throw ex;
			}
		}
	}

	/**
	 * Return the rules of a server, of which there is one as a rule.
	 */
	private ServerRules rules(@Nullable ServerInfo server) {
		ServerRules known = this.lastRules;
		if (known == null || known.serverInfo() != server) {
			known = ServerRules.of(server, this.dialect, this.customizers, Boolean.TRUE.equals(this.pipelinesOptions));
			this.lastRules = known;
		}
		return known;
	}

	/**
	 * Find the physical connection.
	 */
	private @Nullable PGConnection findDriver(Connection connection) throws SQLException {
		if (!connection.isWrapperFor(PGConnection.class)) {
			if (this.warned.compareAndSet(false, true)) {
				logger.warn("Connections of " + obtainTargetDataSource() + " do not lead to the PostgreSQL driver "
						+ "through unwrap: a transaction that fails on the server, or is ended by a statement, is not "
						+ "noticed. Use a pool whose connections can be unwrapped");
			}
			return null;
		}
		return connection.unwrap(PGConnection.class);
	}

	/**
	 * Prepare a connection unless that has been done, and tell what is known of it.
	 */
	private Prepared prepare(Connection connection, PGConnection physicalConnection) throws SQLException {
		Prepared known = this.prepared.get(physicalConnection);
		if (known == null) {
			known = new Prepared(ServerInfo.of(connection), new StaleStatements.Found(this.staleStatements));
			customize(connection, known.server());
			this.prepared.put(physicalConnection, known);
			this.serverInfo = known.server();
		}
		return known;
	}

	/**
	 * In auto-commit mode, so that no rollback of the borrower's undoes a setting.
	 */
	private void customize(Connection connection, ServerInfo serverInfo) throws SQLException {
		boolean test = this.pipelinesOptions == null;
		if (this.customizers.isEmpty() && !test) {
			return;
		}
		boolean autoCommit = connection.getAutoCommit();
		connection.setAutoCommit(true);
		for (CrdbConnectionCustomizer customizer : this.customizers) {
			customizer.customize(connection, serverInfo);
		}
		if (test) {
			testPipelinedOptions(connection);
		}
		connection.setAutoCommit(autoCommit);
	}

	private void testPipelinedOptions(Connection connection) throws SQLException {
		String problem = PipelinedStatement.test(connection);
		this.pipelinesOptions = (problem == null);
		if (problem != null) {
			logger.warn("The options of transactions of " + obtainTargetDataSource() + " are sent on their own, "
					+ "and not with the first statement (crdb.dialect.pipeline-options): " + problem);
		}
	}

	/**
	 * What is known of a physical connection.
	 *
	 * @param server its server
	 * @param found the stale statements that were found on it
	 */
	private record Prepared(ServerInfo server, StaleStatements.Found found) {

	}

}
