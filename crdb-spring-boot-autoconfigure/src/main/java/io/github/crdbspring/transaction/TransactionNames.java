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
 * Keeps something for each name of a transaction: meters, statistics and the like. Names
 * are written by programmers, so that there are few; for the case that a program computes
 * them, those beyond the {@linkplain #LIMIT limit} have one in common.
 * <p>
 * Thread-safe.
 *
 * @param <T> the type of what is kept for each name
 * @since 0.1.0
 */
public final class TransactionNames<T> {

	/**
	 * How many names are told apart: more than a program has that does not compute them.
	 */
	public static final int LIMIT = 500;

	private static final Log logger = LogFactory.getLog(TransactionNames.class);

	private final Map<String, T> values = new ConcurrentHashMap<>();

	private final Function<String, T> factory;

	private final int limit;

	/**
	 * No name is none that is told apart, as for the limits of attempts that conflict.
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
	 * @param limit how many names are told apart
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
			logger.warn("There are more than " + this.limit + " names of transactions; '" + name
					+ "' and further ones are counted as 'other'. A name must not be computed from data");
		}
		return this.rest.get();
	}

}
