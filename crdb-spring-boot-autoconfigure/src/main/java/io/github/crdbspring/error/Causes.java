package io.github.crdbspring.error;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
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
		Deque<Throwable> pending = new ArrayDeque<>();
		Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		add(pending, failure);
		while (!pending.isEmpty()) {
			Throwable candidate = pending.remove();
			if (!seen.add(candidate) || opaque.test(candidate)) {
				continue;
			}
			if (match.test(candidate)) {
				return candidate;
			}
			if (candidate instanceof SQLException sqlException) {
				add(pending, sqlException.getNextException());
			}
			add(pending, candidate.getCause());
		}
		return null;
	}

	private static void add(Deque<Throwable> pending, @Nullable Throwable candidate) {
		if (candidate != null) {
			pending.add(candidate);
		}
	}

}
