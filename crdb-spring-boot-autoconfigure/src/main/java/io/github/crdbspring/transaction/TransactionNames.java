package io.github.crdbspring.transaction;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.function.SingletonSupplier;

/**
 * Keeps one value for each transaction name, such as its meters or counts. A program that
 * computes names from data would fill the memory, so all names beyond the
 * {@linkplain #LIMIT limit} share one value.
 * <p>
 * Thread-safe.
 *
 * @param <T> the type of what is kept for each name
 * @since 0.1.0
 */
public final class TransactionNames<T> {

	/**
	 * How many names have a value of their own: more than programmers write by hand.
	 */
	public static final int LIMIT = 500;

	private static final Log logger = LogFactory.getLog(TransactionNames.class);

	private final Map<String, T> values = new ConcurrentHashMap<>();

	private final Function<String, T> factory;

	private final int limit;

	/**
	 * Kept apart from the names, since it must not count towards their limit.
	 */
	private final Supplier<T> unnamed;

	private final Supplier<T> rest;

	private final AtomicBoolean warned = new AtomicBoolean();

	/**
	 * Create a new instance.
	 * @param factory makes what is kept for a name; an empty name becomes
	 * {@code unnamed}, those beyond the limit {@code other}
	 */
	public TransactionNames(Function<String, T> factory) {
		this(LIMIT, factory);
	}

	/**
	 * Create a new instance.
	 * @param limit how many names have a value of their own
	 * @param factory makes what there is for a name; an empty name becomes
	 * {@code unnamed}, those beyond the limit {@code other}
	 */
	TransactionNames(int limit, Function<String, T> factory) {
		this.factory = factory;
		this.limit = limit;
		this.unnamed = SingletonSupplier.of(() -> factory.apply("unnamed"));
		this.rest = SingletonSupplier.of(() -> factory.apply("other"));
	}

	/**
	 * Return what is kept for a name.
	 * @param name the transaction's name, may be empty
	 * @return what the factory made
	 */
	public T get(String name) {
		T value = this.values.get(name);
		return (value != null) ? value : add(name);
	}

	private T add(String name) {
		if (name.isEmpty()) {
			return this.unnamed.get();
		}
		if (this.values.size() < this.limit) {
			return this.values.computeIfAbsent(name, this.factory);
		}
		if (this.warned.compareAndSet(false, true)) {
			logger.warn("More than " + this.limit + " different transaction names are in use. '" + name
					+ "' and all further ones are counted together, as 'other'. Do not compute names from data");
		}
		return this.rest.get();
	}

}
