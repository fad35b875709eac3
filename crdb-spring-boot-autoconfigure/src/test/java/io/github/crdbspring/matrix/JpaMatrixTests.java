package io.github.crdbspring.matrix;

import java.util.stream.Stream;

/**
 * Tests for what a caller is told about the outcome of its transaction of JPA, with and
 * without a persistence context that is there before.
 */
class JpaMatrixTests extends AbstractMatrixTests {

	@Override
	Stream<Stack> stacks() {
		return Stream.of(true, false)
			.flatMap((autoCommit) -> Stream.of(false, true)
				.map((openInView) -> new Stack(Manager.JPA, autoCommit, openInView)));
	}

	@Override
	int repetitions() {
		return 3;
	}

}
