package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * Rules out the classes without {@link CrdbTransactional} on themselves, their methods,
 * superclasses or interfaces, which are almost all beans of an application. Fast, since
 * every bean passes here when it is made: each type is inspected once.
 */
final class AnnotatedTypes {

	private final Map<Class<?>, Boolean> declaring = new ConcurrentHashMap<>();

	boolean isCandidate(@Nullable Class<?> type) {
		if (type == null || type == Object.class) {
			return false;
		}
		if (declares(type) || isCandidate(type.getSuperclass())) {
			return true;
		}
		for (Class<?> implemented : type.getInterfaces()) {
			if (isCandidate(implemented)) {
				return true;
			}
		}
		return false;
	}

	private boolean declares(Class<?> type) {
		if (!AnnotationUtils.isCandidateClass(type, CrdbTransactional.class)) {
			return false;
		}
		Boolean known = this.declaring.get(type);
		if (known == null) {
			known = find(type);
			this.declaring.put(type, known);
		}
		return known;
	}

	private static boolean find(Class<?> type) {
		if (isAnnotated(type)) {
			return true;
		}
		for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
			if (isAnnotated(method)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isAnnotated(AnnotatedElement element) {
		return MergedAnnotations.from(element, SearchStrategy.DIRECT).isPresent(CrdbTransactional.class);
	}

}
