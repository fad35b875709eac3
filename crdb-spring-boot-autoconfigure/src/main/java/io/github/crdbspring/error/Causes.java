package io.github.crdbspring.error;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What stands behind an exception: its causes, and where one is a {@link SQLException}
 * the exceptions chained to it, as those of a batch are.
 */
final class Causes {

	private Causes() {
	}

	static <E extends Throwable> @Nullable E find(Throwable failure, Class<E> type) {
		Throwable found = find(failure, type::isInstance, (candidate) -> false);
		return (found != null) ? type.cast(found) : null;
	}

	/**
	 * Find the nearest match, not looking at or behind exceptions that are opaque.
	 */
	static @Nullable Throwable find(Throwable failure, Predicate<Throwable> match, Predicate<Throwable> opaque) {
		for (Throwable candidate : of(failure, opaque)) {
			if (!opaque.test(candidate) && match.test(candidate)) {
				return candidate;
			}
		}
		return null;
	}

	/**
	 * Return an exception and what stands behind it, the nearest first, not looking
	 * behind exceptions that are opaque.
	 */
	static Iterable<Throwable> of(Throwable failure, Predicate<Throwable> opaque) {
		Set<Throwable> found = Collections.newSetFromMap(new IdentityHashMap<>());
		List<Throwable> ordered = new ArrayList<>();
		add(ordered, found, failure);
		for (int i = 0; i < ordered.size(); i++) {
			Throwable candidate = ordered.get(i);
			if (opaque.test(candidate)) {
				continue;
			}
			if (candidate instanceof SQLException sqlException) {
				add(ordered, found, sqlException.getNextException());
			}
			add(ordered, found, candidate.getCause());
		}
		return ordered;
	}

	private static void add(List<Throwable> ordered, Set<Throwable> found, @Nullable Throwable candidate) {
		if (candidate != null && found.add(candidate)) {
			ordered.add(candidate);
		}
	}

}
