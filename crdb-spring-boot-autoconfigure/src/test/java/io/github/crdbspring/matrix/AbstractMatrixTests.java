package io.github.crdbspring.matrix;

import java.util.Arrays;
import java.util.stream.Stream;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The matrix of stacks, ways to a transaction, and faults.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractMatrixTests {

	private TestBed testBed;

	@BeforeAll
	void start(TestDatabase database) {
		this.testBed = new TestBed(database);
	}

	@AfterAll
	void stop() {
		this.testBed.close();
	}

	/**
	 * Return the stacks of this part of the matrix.
	 */
	abstract Stream<Stack> stacks();

	/**
	 * Return how often each call without a timeout is made.
	 */
	abstract int repetitions();

	@TestFactory
	Stream<DynamicNode> theCallerIsToldWhatTheDatabaseHas() {
		return stacks().flatMap((stack) -> Arrays.stream(Way.values())
			.map((way) -> DynamicContainer.dynamicContainer(stack + ": " + way, Faults.of(stack.manager())
				.map((fault) -> DynamicTest.dynamicTest(fault.toString(), () -> verify(stack, way, fault))))));
	}

	private void verify(Stack stack, Way way, Fault fault) throws Exception {
		for (int i = 0; i < (fault.timed() ? 1 : repetitions()); i++) {
			Application application = this.testBed.application(stack, way == Way.SPRING_ANNOTATION && fault.timed());
			Call.make(application, stack, way, fault).verify();
		}
	}

}
