package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ContentionKeys}.
 */
class ContentionKeysTests {

	@Test
	void eachExpressionGivesAKey() {
		assertThat(evaluate(new Transfer(1, 2), "#transfer.source", "#transfer.target")).containsExactly(1, 2);
	}

	@Test
	void nullIsNoKey() {
		assertThat(evaluate(null, "#transfer?.source", "#a0")).isEmpty();
	}

	@Test
	void collectionsAndArraysAreTakenApart() {
		assertThat(evaluate(List.of(1, 2), "#transfer")).containsExactly(1, 2);
		assertThat(evaluate(new Object[] { 3, null, new int[] { 4 } }, "#transfer")).containsExactly(3, 4);
		assertThat(evaluate(Optional.of(List.of(5)), "#transfer")).containsExactly(5);
	}

	@Test
	void bytesAreOneKey() {
		assertThat(evaluate(new byte[] { 1, 2 }, "#transfer")).hasSize(1);
	}

	@Test
	void severalValuesMayMakeOneKey() {
		assertThat(evaluate(new Transfer(1, 2), "#transfer.source + '-' + #transfer.target")).containsExactly("1-2");
	}

	private static Object[] evaluate(@Nullable Object argument, String... expressions) {
		Method method = ReflectionUtils.findMethod(ContentionKeysTests.class, "call", Object.class);
		assertThat(method).isNotNull();
		return new ContentionKeys(method, List.of(expressions)).evaluate(new @Nullable Object[] { argument });
	}

	@SuppressWarnings("unused")
	private static void call(Object transfer) {
	}

	/**
	 * A transfer.
	 *
	 * @param source where from
	 * @param target where to
	 */
	record Transfer(int source, int target) {

	}

}
