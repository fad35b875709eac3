package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.core.GenericTypeResolver;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.scheduling.annotation.Async;

/**
 * Which methods can be run again: those whose result is complete when they return. Most
 * of the types are optional libraries', and so are known by name.
 */
final class RetryableMethods {

	/**
	 * Stand for work that is still under way, or has not begun, when a method returns.
	 */
	private static final Set<String> UNFINISHED = Set.of("java.util.concurrent.Future",
			"java.util.concurrent.CompletionStage", "java.util.stream.BaseStream", "java.util.Iterator",
			"java.util.Spliterator", "java.util.concurrent.Flow$Publisher", "org.reactivestreams.Publisher",
			"io.reactivex.rxjava3.core.ObservableSource", "io.reactivex.rxjava3.core.SingleSource",
			"io.reactivex.rxjava3.core.MaybeSource", "io.reactivex.rxjava3.core.CompletableSource",
			"kotlinx.coroutines.flow.Flow", "kotlinx.coroutines.Job", "kotlin.sequences.Sequence");

	/**
	 * May be complete values, and may do their work when they are asked.
	 */
	private static final Set<String> LAZY = Set.of("java.util.concurrent.Callable", "java.util.function.Supplier",
			"kotlin.Lazy", "kotlin.jvm.functions.Function0",
			"org.springframework.web.context.request.async.DeferredResult",
			"org.springframework.web.context.request.async.WebAsyncTask",
			"org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter",
			"org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody");

	/**
	 * Have nothing left for a second attempt once they have been read.
	 */
	private static final Set<String> READ_ONCE = Set.of("java.util.Iterator", "java.util.Spliterator",
			"java.util.Enumeration", "java.util.stream.BaseStream", "java.io.InputStream", "java.io.Reader",
			"java.nio.channels.ReadableByteChannel", "java.util.concurrent.Flow$Publisher",
			"org.reactivestreams.Publisher");

	private static final ClassValue<Boolean> unfinished = new ClassValue<>() {
		@Override
		protected Boolean computeValue(Class<?> type) {
			return isOneOf(UNFINISHED, type);
		}
	};

	private RetryableMethods() {
	}

	/**
	 * Whether a method can be run again, judged by its signature.
	 * @param targetClass the class that it is called on
	 */
	static boolean isRetryable(Method method, @Nullable Class<?> targetClass) {
		if (Arrays.stream(method.getParameterTypes())
			.anyMatch((parameter) -> parameter.getName().equals("kotlin.coroutines.Continuation"))) {
			return false;
		}
		return returnsFutureFromAnotherThread(method, targetClass)
				|| !mentions(returnType(method, targetClass), (type) -> unfinished.get(type));
	}

	/**
	 * Whether the method runs on a thread of its own, and returns a future only because
	 * its caller gets one: it is complete when the method returns.
	 */
	static boolean returnsFutureFromAnotherThread(Method method, @Nullable Class<?> targetClass) {
		Class<?> type = method.getReturnType();
		return (Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type))
				&& isAsync(method, targetClass);
	}

	static boolean isAsync(Method method, @Nullable Class<?> targetClass) {
		return AnnotatedElementUtils.hasAnnotation(method, Async.class)
				|| AnnotatedElementUtils.hasAnnotation(method.getDeclaringClass(), Async.class)
				|| (targetClass != null && AnnotatedElementUtils.hasAnnotation(targetClass, Async.class));
	}

	/**
	 * Whether what a method returned, which its signature does not tell, is not complete.
	 */
	static boolean isUnfinished(Object result) {
		return unfinished.get(result.getClass());
	}

	/**
	 * Whether a method's result may do its work when it is asked, which then is outside
	 * of the transaction.
	 */
	static boolean isLazy(Method method, @Nullable Class<?> targetClass) {
		return mentions(returnType(method, targetClass),
				// Spring Data's pages are suppliers, too
				(type) -> !Iterable.class.isAssignableFrom(type) && isOneOf(LAZY, type));
	}

	/**
	 * Find a parameter's type whose values can be read only once.
	 * @return the type, {@code null} if there is none
	 */
	static @Nullable Type findReadOnce(Method method, @Nullable Class<?> targetClass) {
		return Arrays.stream(method.getGenericParameterTypes())
			.map((type) -> resolve(type, targetClass))
			.filter((resolved) -> mentions(resolved, (type) -> isOneOf(READ_ONCE, type)))
			.findFirst()
			.orElse(null);
	}

	private static Type returnType(Method method, @Nullable Class<?> targetClass) {
		return resolve(method.getGenericReturnType(), targetClass);
	}

	private static Type resolve(Type type, @Nullable Class<?> targetClass) {
		return GenericTypeResolver.resolveType(type, targetClass);
	}

	/**
	 * Whether a type, or one that is an argument of it, fulfills a condition.
	 */
	private static boolean mentions(Type type, Predicate<Class<?>> condition) {
		if (type instanceof Class<?> raw) {
			return raw.isArray() ? mentions(raw.getComponentType(), condition) : condition.test(raw);
		}
		if (type instanceof ParameterizedType parameterized) {
			return mentions(parameterized.getRawType(), condition) || (parameterized.getRawType() != Class.class
					&& Arrays.stream(parameterized.getActualTypeArguments())
						.anyMatch((argument) -> mentions(argument, condition)));
		}
		if (type instanceof WildcardType wildcard) {
			return Arrays.stream(wildcard.getUpperBounds()).anyMatch((bound) -> mentions(bound, condition));
		}
		return type instanceof GenericArrayType array && mentions(array.getGenericComponentType(), condition);
	}

	private static boolean isOneOf(Set<String> names, @Nullable Class<?> type) {
		return type != null && (names.contains(type.getName()) || isOneOf(names, type.getSuperclass())
				|| Arrays.stream(type.getInterfaces()).anyMatch((implemented) -> isOneOf(names, implemented)));
	}

}
