package io.github.crdbspring.data;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.crdbspring.data.DomainEventsUndo.Events;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;

/**
 * The domain events that were put back into aggregates. Those that the failed attempt had
 * registered itself are among them, and the next attempt registers them again: only then
 * is it known which they are.
 * <p>
 * Thread-safe. Keeps no aggregate in memory.
 */
final class PutBackEvents {

	private final Map<Key, PutBack> putBack = new ConcurrentHashMap<>();

	private final ReferenceQueue<Object> collected = new ReferenceQueue<>();

	void add(Object aggregate, List<Events> events) {
		for (Object key = this.collected.poll(); key != null; key = this.collected.poll()) {
			this.putBack.remove(key);
		}
		List<List<WeakReference<Object>>> references = events.stream()
			.map((each) -> each.elements().stream().map(WeakReference::new).toList())
			.toList();
		this.putBack.put(new Key(aggregate, this.collected), new PutBack(System.nanoTime(), references));
	}

	/**
	 * For each event that was registered since they were put back, drop one of its class
	 * that was.
	 */
	void withoutRepeated(TransactionAttempt attempt, Object aggregate, List<Events> events) {
		PutBack earlier = this.putBack.remove(new Key(aggregate, null));
		// Otherwise it was a call that has failed for good, and what was registered since
		// is the caller's
		if (earlier != null && attempt.elapsed().toNanos() > System.nanoTime() - earlier.time()) {
			for (int i = 0; i < events.size(); i++) {
				withoutRepeated(earlier.events().get(i), events.get(i));
			}
		}
	}

	private static void withoutRepeated(List<WeakReference<Object>> earlier, Events events) {
		Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
		for (WeakReference<Object> reference : earlier) {
			Object event = reference.get();
			if (event != null) {
				known.add(event);
			}
		}
		List<Object> old = new ArrayList<>();
		List<Object> added = new ArrayList<>();
		events.elements().forEach((event) -> (known.contains(event) ? old : added).add(event));
		boolean repeated = false;
		for (Object event : added) {
			for (int i = old.size() - 1; i >= 0; i--) {
				if (old.get(i).getClass() == event.getClass()) {
					old.remove(i);
					repeated = true;
					break;
				}
			}
		}
		if (repeated) {
			old.addAll(added);
			events.replace(old);
		}
	}

	/**
	 * What was put back into one aggregate.
	 *
	 * @param time when, by {@link System#nanoTime()}
	 * @param events for each field, weakly, since they may refer to their aggregate
	 */
	private record PutBack(long time, List<List<WeakReference<Object>>> events) {

	}

	/**
	 * An aggregate as the same object.
	 */
	private static final class Key extends WeakReference<Object> {

		private final int hash;

		Key(Object aggregate, @Nullable ReferenceQueue<Object> queue) {
			super(aggregate, queue);
			this.hash = System.identityHashCode(aggregate);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			Object aggregate = get();
			return this == other || (aggregate != null && other instanceof Key key && key.get() == aggregate);
		}

		@Override
		public int hashCode() {
			return this.hash;
		}

	}

}
