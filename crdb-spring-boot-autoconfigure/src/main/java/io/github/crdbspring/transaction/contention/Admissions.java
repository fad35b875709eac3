package io.github.crdbspring.transaction.contention;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the admission of each name of one template. Not limited are transactions without
 * a name, of which nothing says that they are the same one, nor those whose names are
 * beyond the number of names that are told apart. Infrastructure of this library, no API
 * for applications.
 *
 * @param <A> the type of the admissions
 * @since 0.1.0
 */
public final class Admissions<A extends Admission> {

	private final @Nullable ContentionSettings settings;

	private final int maxNames;

	private final BiFunction<String, ContentionSettings, A> factory;

	private final Consumer<? super A> observer;

	private final Map<String, A> byName = new ConcurrentHashMap<>();

	/**
	 * Create admissions for one template.
	 * @param settings how to limit, {@code null} if not at all
	 * @param maxNames how many names are told apart
	 * @param factory makes the admission of a name
	 * @param observer is told of each name's admission
	 */
	public Admissions(@Nullable ContentionSettings settings, int maxNames,
			BiFunction<String, ContentionSettings, A> factory, Consumer<? super A> observer) {
		this.settings = settings;
		this.maxNames = maxNames;
		this.factory = factory;
		this.observer = observer;
	}

	/**
	 * Return the admission of a transaction's attempts.
	 * @param name the transaction's name, may be empty
	 * @return the admission, {@code null} if its attempts are not limited
	 */
	public @Nullable A find(String name) {
		if (this.settings == null || name.isEmpty()) {
			return null;
		}
		A admission = this.byName.get(name);
		return (admission != null) ? admission : add(name, this.settings);
	}

	private @Nullable A add(String name, ContentionSettings settings) {
		if (this.byName.size() >= this.maxNames) {
			return null;
		}
		A added = this.factory.apply(name, settings);
		A present = this.byName.putIfAbsent(name, added);
		if (present != null) {
			return present;
		}
		this.observer.accept(added);
		return added;
	}

}
