package io.github.crdbspring.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.url.CrdbUrl;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A database of the test class's own. Pools that were made here are closed with it.
 *
 * @since 0.1.0
 */
public final class TestDatabase implements AutoCloseable {

	private static final int POOL_SIZE = 16;

	private final TestServer server;

	private final ServerInfo serverInfo;

	private final String name;

	private final List<HikariDataSource> pools = new ArrayList<>();

	TestDatabase(TestServer server, ServerInfo serverInfo, String name) throws SQLException {
		this.server = server;
		this.serverInfo = serverInfo;
		this.name = name;
		server.execute("CREATE DATABASE " + name);
	}

	/**
	 * Return the database's URL.
	 * @return a URL as {@code crdb.url} takes it
	 */
	public String url() {
		return this.server.url(this.name);
	}

	/**
	 * Return the database's URL by way of a proxy.
	 * @param proxy the proxy
	 * @return a URL as {@code crdb.url} takes it
	 */
	public String url(WireProxy proxy) {
		return url().replaceFirst("(//(?:[^/@]*@)?)[^/?]*", "$1localhost:" + proxy.port());
	}

	/**
	 * Return what the server is.
	 * @return vendor and version
	 */
	public ServerInfo serverInfo() {
		return this.serverInfo;
	}

	/**
	 * Whether the server is CockroachDB.
	 * @return {@code true} for CockroachDB
	 */
	public boolean isCockroach() {
		return this.serverInfo.isCockroach();
	}

	/**
	 * Make a pool with guarded connections, whose transactions fail where
	 * {@code @InjectRetries} says so.
	 * @return a DataSource of its own
	 */
	public CrdbDataSource dataSource() {
		List<CrdbConnectionCustomizer> customizers = new ArrayList<>();
		// The test kit's means to let transactions fail, if it is on the class path
		ServiceLoader.load(CrdbConnectionCustomizer.class, TestDatabase.class.getClassLoader())
			.forEach(customizers::add);
		return new CrdbDataSource(pool(POOL_SIZE), customizers);
	}

	/**
	 * Make a pool.
	 * @param size the number of connections
	 * @return a pool of its own
	 */
	public HikariDataSource pool(int size) {
		return pool(size, url());
	}

	/**
	 * Make a pool whose connections go through a proxy.
	 * @param size the number of connections
	 * @param proxy the proxy
	 * @return a pool of its own
	 */
	public HikariDataSource pool(int size, WireProxy proxy) {
		return pool(size, url(proxy));
	}

	/**
	 * Put a proxy before the server. It has to be closed by the test.
	 * @return a proxy
	 */
	public WireProxy proxy() {
		URI uri = URI.create(url());
		try {
			return new WireProxy(uri.getHost(), uri.getPort());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private HikariDataSource pool(int size, String databaseUrl) {
		CrdbUrl url = CrdbUrl.parse(databaseUrl);
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url.jdbcUrl());
		config.setUsername(url.username());
		config.setPassword(url.password());
		config.setMaximumPoolSize(size);
		config.setMinimumIdle(0);
		config.setConnectionTimeout(5_000);
		// Starts with its first connection, so that a test may still change it
		HikariDataSource pool = new HikariDataSource();
		config.copyStateTo(pool);
		this.pools.add(pool);
		return pool;
	}

	/**
	 * Return a client that runs each statement in a transaction of its own.
	 * @return a client that opens a connection for each statement
	 */
	public JdbcClient jdbc() {
		CrdbUrl url = CrdbUrl.parse(url());
		return JdbcClient.create(new DriverManagerDataSource(url.jdbcUrl(), url.username(), url.password()));
	}

	@Override
	public void close() throws SQLException {
		this.pools.forEach(HikariDataSource::close);
		this.server.execute("DROP DATABASE " + this.name + (isCockroach() ? " CASCADE" : " WITH (FORCE)"));
	}

}
