package io.github.crdbspring.benchmark;

import java.util.concurrent.TimeUnit;

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

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/**
 * What one transaction costs that succeeds at once and executes no statement, over a
 * connection that costs next to nothing: the overhead of what is around it.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class UncontendedTransactionBenchmark {

	/**
	 * Who runs the transaction.
	 */
	@Param
	public Contender contender;

	private Contender.Operation operation;

	/**
	 * Set up the contender of this run.
	 */
	@Setup
	public void setUp() {
		LoggingSystem.get(getClass().getClassLoader()).setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
		this.operation = this.contender.prepare();
	}

	/**
	 * Run one transaction.
	 * @return what the code inside it returned
	 */
	@Benchmark
	public Object transaction() {
		return this.operation.call();
	}

}
