package io.github.crdbspring.transaction;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the admission of each name of one template. Not limited are transactions without
 * a name, of which nothing says that they are the same one, nor those whose names are
 * beyond the {@linkplain TransactionNames#LIMIT number} of names that are told apart.
 */
final class Admissions {

	private final @Nullable ContentionSettings settings;

	private final TransactionObserver observer;

	private final Map<String, Admission> byName = new ConcurrentHashMap<>();

	/**
	 * Create admissions for one template.
	 * @param settings how to limit, {@code null} if not at all
	 * @param observer is told of each name's limit
	 */
	Admissions(@Nullable ContentionSettings settings, TransactionObserver observer) {
		this.settings = settings;
		this.observer = observer;
	}

	@Nullable Admission find(String name) {
		if (this.settings == null || name.isEmpty()) {
			return null;
		}
		Admission admission = this.byName.get(name);
		return (admission != null) ? admission : add(name, this.settings);
	}

	private @Nullable Admission add(String name, ContentionSettings settings) {
		if (this.byName.size() >= TransactionNames.LIMIT) {
			return null;
		}
		Admission added = new Admission(name, settings, System::nanoTime);
		Admission present = this.byName.putIfAbsent(name, added);
		if (present != null) {
			return present;
		}
		this.observer.limitable(added);
		return added;
	}

}
