package io.github.crdbspring.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to prepare, execute and close a statement on a guarded connection, over
 * one that costs next to nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class StatementBenchmark {

	private static final String SQL = "SELECT o.order_id, o.customer_id, o.created_at, o.total_amount, c.display_name "
			+ "FROM customer_order AS o JOIN customer AS c ON c.customer_id = o.customer_id "
			+ "WHERE o.customer_id = ? AND o.created_at > now() - INTERVAL '1 day' ORDER BY o.created_at DESC";

	/**
	 * Whether the connection is guarded.
	 */
	@Param({ "false", "true" })
	public boolean guarded;

	private Connection connection;

	/**
	 * Open the connection of this run.
	 * @throws SQLException never, with this DataSource
	 */
	@Setup
	public void setUp() throws SQLException {
		StubDataSource dataSource = new StubDataSource();
		this.connection = this.guarded ? new CrdbDataSource(dataSource).getConnection() : dataSource.getConnection();
	}

	/**
	 * Run one statement.
	 * @return what the driver returned
	 * @throws SQLException never, with this DataSource
	 */
	@Benchmark
	public boolean statement() throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(SQL)) {
			statement.setInt(1, 42);
			return statement.execute();
		}
	}

	/**
	 * Run one statement whose parameter the guard looks at, to see whether the driver
	 * takes it.
	 * @return what the driver returned
	 * @throws SQLException never, with this DataSource
	 */
	@Benchmark
	public boolean statementWithObject() throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(SQL)) {
			statement.setObject(1, "42");
			return statement.execute();
		}
	}

}
