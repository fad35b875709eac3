package io.github.crdbspring.matrix;

import java.util.stream.Stream;

/**
 * Tests for what a caller is told about the outcome of its transaction of JDBC.
 */
class JdbcMatrixTests extends AbstractMatrixTests {

	@Override
	Stream<Stack> stacks() {
		return Stream.of(new Stack(Manager.JDBC, true, false), new Stack(Manager.JDBC, false, false),
				new Stack(Manager.DATA_SOURCE, true, false));
	}

	@Override
	int repetitions() {
		return 2;
	}

}
