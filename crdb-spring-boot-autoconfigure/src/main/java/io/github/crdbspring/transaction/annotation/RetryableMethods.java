package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;

import org.springframework.util.ClassUtils;

/**
 * Which methods can be run again: those whose result is complete when they return.
 */
final class RetryableMethods {

	private static final Set<String> PUBLISHERS = Set.of("org.reactivestreams.Publisher",
			"java.util.concurrent.Flow$Publisher");

	private RetryableMethods() {
	}

	static boolean isRetryable(Method method) {
		Class<?> type = method.getReturnType();
		return !Future.class.isAssignableFrom(type) && !CompletionStage.class.isAssignableFrom(type)
				&& !BaseStream.class.isAssignableFrom(type) && !Iterator.class.isAssignableFrom(type)
				&& !isPublisher(type) && Arrays.stream(method.getParameterTypes())
					.noneMatch((parameter) -> parameter.getName().equals("kotlin.coroutines.Continuation"));
	}

	private static boolean isPublisher(Class<?> type) {
		return PUBLISHERS.contains(type.getName()) || ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.anyMatch((candidate) -> PUBLISHERS.contains(candidate.getName()));
	}

}
