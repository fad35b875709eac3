package io.github.crdbspring.transaction.contention;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The limits in force, by key. Guarded by the lock of their admission.
 */
final class KeyLimits {

	/**
	 * How many keys may have a limit. That bounds what is kept, and what has more hot
	 * keys than this is better off with the limit of the name.
	 */
	static final int MAX_KEYS = 64;

	private final Map<Long, KeyLimit> byKey = new HashMap<>();

	boolean contains(long key) {
		return this.byKey.containsKey(key);
	}

	@Nullable KeyLimit ofName() {
		return this.byKey.get(Admission.NAME);
	}

	boolean isEmpty() {
		return this.byKey.isEmpty();
	}

	boolean takesAnotherKey() {
		return this.byKey.size() - (contains(Admission.NAME) ? 1 : 0) < MAX_KEYS;
	}

	void add(KeyLimit limit) {
		this.byKey.put(limit.key(), limit);
	}

	boolean remove(KeyLimit limit) {
		return this.byKey.remove(limit.key(), limit);
	}

	/**
	 * Return those that a call has to do with.
	 */
	List<KeyLimit> of(CallKeys keys, long now) {
		if (this.byKey.isEmpty()) {
			return List.of();
		}
		List<KeyLimit> found = new ArrayList<>(3);
		add(Admission.NAME, found, now);
		for (long hash : keys.hashes()) {
			add(hash, found, now);
		}
		return found;
	}

	private void add(long key, List<KeyLimit> found, long now) {
		KeyLimit limit = this.byKey.get(key);
		if (limit != null && !limit.isOver(now)) {
			found.add(limit);
		}
		else if (limit != null) {
			remove(limit);
		}
	}

	/**
	 * Forget those that nothing has to do with any more.
	 */
	void removeThoseOver(long now) {
		this.byKey.values().removeIf((limit) -> limit.isOver(now));
	}

	/**
	 * Return the least limit, not a number if there is none.
	 */
	double least(long now) {
		return this.byKey.values()
			.stream()
			.filter((limit) -> !limit.limit().isIdle(now))
			.mapToDouble((limit) -> limit.limit().value())
			.min()
			.orElse(Double.NaN);
	}

	/**
	 * Return how many keys have one.
	 */
	int keys(long now) {
		return (int) this.byKey.values()
			.stream()
			.filter((limit) -> limit.key() != Admission.NAME && !limit.limit().isIdle(now))
			.count();
	}

}
