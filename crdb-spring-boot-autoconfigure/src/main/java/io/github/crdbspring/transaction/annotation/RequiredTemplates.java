package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.jspecify.annotations.Nullable;

/**
 * The templates that annotated methods are going to need, so that it shows when an
 * application starts that one cannot be made, and not when the first method is called.
 */
final class RequiredTemplates {

	private final String annotation;

	private final Function<String, CrdbTransactionTemplate> templates;

	/**
	 * A method for each transaction manager.
	 */
	private final Map<String, Method> methods = new ConcurrentSkipListMap<>();

	/**
	 * A method that leaves a mark, whatever the default is, for each transaction manager.
	 */
	private final Map<String, TransactionalMethod> resolved = new ConcurrentSkipListMap<>();

	/**
	 * Create a new instance.
	 * @param annotation the methods' annotation
	 * @param templates finds the template of a transaction manager
	 */
	RequiredTemplates(String annotation, Function<String, CrdbTransactionTemplate> templates) {
		this.annotation = annotation;
		this.templates = templates;
	}

	/**
	 * Add the template of a method.
	 * @param transactionManager the bean name or qualifier of its transaction manager,
	 * may be empty
	 */
	void add(String transactionManager, Method method) {
		this.methods.putIfAbsent(transactionManager, method);
	}

	/**
	 * Add the template of a method of this library's annotation.
	 */
	void add(TransactionalMethod transactional, Method method) {
		add(transactional.transactionManager(), method);
		if (transactional.isResolved()) {
			this.resolved.putIfAbsent(transactional.transactionManager(), transactional);
		}
	}

	/**
	 * Check that all of them are there, and that outcomes can be found out where that is
	 * asked for.
	 */
	void check() {
		check(CrdbTransactionTemplate::requireOutcomeTable, null);
		this.resolved.values().forEach((method) -> method.template(this.templates).requireOutcomeTable());
	}

	/**
	 * Check that all of them are there.
	 * @param further checks more of each template
	 * @param foreign takes those whose transactions have nothing to do with this library,
	 * {@code null} if that is not allowed
	 */
	void check(Consumer<CrdbTransactionTemplate> further,
			@Nullable BiConsumer<String, UnusableTransactionManagerException> foreign) {
		this.methods.forEach((transactionManager, method) -> {
			try {
				further.accept(this.templates.apply(transactionManager));
			}
			catch (RuntimeException ex) {
				UnusableTransactionManagerException unusable = findUnusable(ex);
				if (unusable == null) {
					throw ex;
				}
				if (foreign == null || !unusable.isForeign()) {
					throw unusable.forMethod(this.annotation + " method " + method.toGenericString());
				}
				foreign.accept(transactionManager, unusable);
			}
		});
	}

	/**
	 * Find the reason in a failure. Where a bean is made of the template, Spring's
	 * exceptions are around it.
	 */
	static @Nullable UnusableTransactionManagerException findUnusable(RuntimeException failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof UnusableTransactionManagerException unusable) {
				return unusable;
			}
		}
		return null;
	}

}
