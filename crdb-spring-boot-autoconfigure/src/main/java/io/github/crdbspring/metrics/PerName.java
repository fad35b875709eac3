package io.github.crdbspring.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.function.SingletonSupplier;

/**
 * Something that there is one of for each name of a transaction. Names are written by
 * programmers, so that there are few; for the case that a program computes them, those
 * beyond a limit have one in common.
 *
 * @param <T> the type of what there is for each name
 */
final class PerName<T> {

	/**
	 * More names than a program has that does not compute them.
	 */
	static final int LIMIT = 500;

	private static final Log logger = LogFactory.getLog(PerName.class);

	private final Map<String, T> values = new ConcurrentHashMap<>();

	private final Function<String, T> factory;

	private final int limit;

	private final Supplier<T> rest;

	private final AtomicBoolean warned = new AtomicBoolean();

	/**
	 * Create a new instance.
	 * @param limit how many names are told apart
	 * @param factory makes what there is for a name; an empty name becomes
	 * {@code unnamed}, those beyond the limit {@code other}
	 */
	PerName(int limit, Function<String, T> factory) {
		this.factory = factory;
		this.limit = limit;
		this.rest = SingletonSupplier.of(() -> factory.apply("other"));
	}

	T get(String name) {
		T value = this.values.get(name);
		return (value != null) ? value : add(name);
	}

	private T add(String name) {
		if (this.values.size() < this.limit) {
			return this.values.computeIfAbsent(name, (key) -> this.factory.apply(key.isEmpty() ? "unnamed" : key));
		}
		if (this.warned.compareAndSet(false, true)) {
			logger.warn("There are more than " + this.limit + " names of transactions; '" + name
					+ "' and further ones are counted as 'other'. A name must not be computed from data");
		}
		return this.rest.get();
	}

}
