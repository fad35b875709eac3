package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.crdbspring.error.UnusableTransactionManagerException;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;

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
	 * Check that all of them are there.
	 * @param further checks more of each template
	 */
	void check(Consumer<CrdbTransactionTemplate> further) {
		this.methods.forEach((transactionManager, method) -> {
			try {
				further.accept(this.templates.apply(transactionManager));
			}
			catch (RuntimeException ex) {
				// Where a bean is made of the template, Spring's exceptions are around it
				for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
					if (cause instanceof UnusableTransactionManagerException unusable) {
						throw unusable.forMethod(this.annotation + " method " + method.toGenericString());
					}
				}
				throw ex;
			}
		});
	}

}
