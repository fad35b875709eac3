package io.github.crdbspring.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;

/**
 * A cluster of three nodes on loopback ports, with files that are deleted with it.
 */
public final class CockroachCluster implements AutoCloseable {

	private static final int NODES = 3;

	private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

	private final Path folder;

	private final List<CockroachNode> nodes = new ArrayList<>();

	private CockroachCluster(String executable) throws IOException {
		this.folder = Files.createTempDirectory("cockroach-cluster");
		for (int i = 1; i <= NODES; i++) {
			this.nodes.add(new CockroachNode(executable, Files.createDirectory(this.folder.resolve("node-" + i))));
		}
	}

	/**
	 * Start a cluster, and wait until each range has a replica on each node.
	 * @return the cluster
	 * @throws Exception if there is no executable, or it does not start
	 */
	public static CockroachCluster start() throws Exception {
		String executable = CockroachProcess.findExecutable();
		if (executable == null) {
			throw new IllegalStateException("No cockroach executable: set COCKROACH_BINARY, or put it on the PATH");
		}
		CockroachCluster cluster = new CockroachCluster(executable);
		try {
			for (CockroachNode node : cluster.nodes) {
				node.start(cluster.addresses());
			}
			cluster.awaitNodes();
			cluster.shortenLeasesOfTables();
			return cluster;
		}
		catch (Exception ex) {
			cluster.close();
			throw ex;
		}
	}

	private void awaitNodes() {
		CockroachNode first = this.nodes.get(0);
		Awaitility.await()
			.atMost(START_TIMEOUT)
			.ignoreExceptionsInstanceOf(IOException.class)
			.until(() -> first.run("init", "--insecure", "--host=" + first.hostAndPort()) != null);
		this.nodes.forEach(this::awaitSql);
		Awaitility.await()
			.atMost(START_TIMEOUT)
			.until(() -> count("SELECT count(*) FROM crdb_internal.ranges_no_leases WHERE array_length(replicas, 1) < "
					+ NODES) == 0);
	}

	/**
	 * Shorten the time that a schema change waits for a node that was killed, as far as
	 * the version has a setting for that.
	 */
	private void shortenLeasesOfTables() throws SQLException {
		String setting = "sql.catalog.descriptor_lease_duration";
		if (count("SELECT count(*) FROM [SHOW ALL CLUSTER SETTINGS] WHERE variable = '" + setting + "'") > 0) {
			try (Connection connection = DriverManager.getConnection(jdbcUrl("defaultdb"));
					Statement statement = connection.createStatement()) {
				statement.execute("SET CLUSTER SETTING " + setting + " = '30s'");
			}
		}
	}

	private void awaitSql(CockroachNode node) {
		Awaitility.await()
			.atMost(START_TIMEOUT)
			.ignoreExceptionsInstanceOf(SQLException.class)
			.until(() -> count(node.hostAndPort(), "SELECT 1") == 1);
	}

	/**
	 * Return the nodes.
	 * @return all nodes, whether they are up or not
	 */
	public List<CockroachNode> nodes() {
		return this.nodes;
	}

	/**
	 * Start a node again.
	 * @param node a node that is not up
	 * @throws IOException if that fails
	 */
	public void restart(CockroachNode node) throws IOException {
		node.start(addresses());
		awaitSql(node);
	}

	/**
	 * Put a proxy before the nodes, which spreads connections over them.
	 * @return a proxy that has to be closed
	 * @throws IOException if there is no free port
	 */
	public WireProxy proxy() throws IOException {
		return new WireProxy(this.nodes.stream().map(CockroachNode::address).toList());
	}

	/**
	 * Return the URL of a database by way of a proxy.
	 * @param proxy the proxy
	 * @param database the database's name
	 * @return a URL as {@code crdb.url} takes it
	 */
	public String url(WireProxy proxy, String database) {
		return "postgresql://root@127.0.0.1:" + proxy.port() + "/" + database + "?sslmode=disable";
	}

	/**
	 * Return the URL of a database by way of any node.
	 * @param database the database's name
	 * @return a URL for the driver
	 */
	public String jdbcUrl(String database) {
		return jdbcUrl(addresses(), database);
	}

	private static String jdbcUrl(String addresses, String database) {
		return "jdbc:postgresql://" + addresses + "/" + database
				+ "?user=root&sslmode=disable&loadBalanceHosts=true&connectTimeout=5&socketTimeout=60";
	}

	private String addresses() {
		return this.nodes.stream().map(CockroachNode::hostAndPort).collect(Collectors.joining(","));
	}

	private int count(String query) throws SQLException {
		return count(addresses(), query);
	}

	private static int count(String addresses, String query) throws SQLException {
		try (Connection connection = DriverManager.getConnection(jdbcUrl(addresses, "defaultdb"));
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(query)) {
			result.next();
			return result.getInt(1);
		}
	}

	@Override
	public void close() throws IOException {
		this.nodes.forEach(CockroachNode::kill);
		CockroachProcess.delete(this.folder);
	}

}
