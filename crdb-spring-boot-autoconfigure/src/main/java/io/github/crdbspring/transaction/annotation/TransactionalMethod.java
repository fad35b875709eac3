package io.github.crdbspring.transaction.annotation;

import java.util.function.Function;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.OutcomePolicy;
import org.jspecify.annotations.Nullable;

/**
 * What the annotation says about a method, read and checked once.
 */
final class TransactionalMethod {

	private final String transactionManager;

	private final CrdbTransactionOptions options;

	private final @Nullable SystemTimeExpression systemTime;

	private final @Nullable ContentionKeys contentionKeys;

	private final RollbackRules rollbackRules;

	private final boolean namedAfterMethod;

	private final MethodResult result;

	private volatile @Nullable CrdbTransactionTemplate template;

	/**
	 * Create a new instance.
	 * @param transactionManager the bean name or qualifier of the transaction manager,
	 * may be empty
	 * @param options the options that are the same for every call
	 * @param systemTime computes the system time of a call, {@code null} if there is none
	 * to compute
	 * @param contentionKeys computes the contention keys of a call, {@code null} if there
	 * are none to compute
	 * @param rollbackRules which exceptions roll back
	 * @param namedAfterMethod whether the annotation gives no name
	 * @param result what the method returns
	 */
	TransactionalMethod(String transactionManager, CrdbTransactionOptions options,
			@Nullable SystemTimeExpression systemTime, @Nullable ContentionKeys contentionKeys,
			RollbackRules rollbackRules, boolean namedAfterMethod, MethodResult result) {
		this.transactionManager = transactionManager;
		this.options = options;
		this.systemTime = systemTime;
		this.contentionKeys = contentionKeys;
		this.rollbackRules = rollbackRules;
		this.namedAfterMethod = namedAfterMethod;
		this.result = result;
	}

	/**
	 * Return the bean name or qualifier of the transaction manager, may be empty.
	 */
	String transactionManager() {
		return this.transactionManager;
	}

	/**
	 * Return the template that runs this method, with the method's options as defaults.
	 * @param templates finds the template of a transaction manager, asked once
	 */
	CrdbTransactionTemplate template(Function<String, CrdbTransactionTemplate> templates) {
		CrdbTransactionTemplate template = this.template;
		if (template == null) {
			template = templates.apply(this.transactionManager).withOptions(this.options);
			this.template = template;
		}
		return template;
	}

	/**
	 * Return the options that one call has beyond the template's.
	 * @param name another name than the method's, {@code null} to keep that
	 */
	CrdbTransactionOptions options(@Nullable Object[] arguments, @Nullable String name) {
		String newName = this.namedAfterMethod ? name : null;
		if (this.systemTime == null && this.contentionKeys == null && newName == null) {
			return CrdbTransactionOptions.none();
		}
		CrdbTransactionOptions.Builder builder = CrdbTransactionOptions.builder();
		if (newName != null) {
			builder.name(newName);
		}
		if (this.systemTime != null) {
			builder.readOnly(true).systemTime(this.systemTime.evaluate(arguments));
		}
		if (this.contentionKeys != null) {
			builder.contentionKeys(this.contentionKeys.evaluate(arguments));
		}
		return builder.build();
	}

	/**
	 * Return what the annotation says about transactions inside of others.
	 */
	NestedTransactionPolicy nested() {
		return this.options.nested();
	}

	/**
	 * Whether the annotation says that an unknown outcome is to be found out.
	 */
	boolean isResolved() {
		return this.options.outcome() == OutcomePolicy.RESOLVE && !this.options.readOnly() && this.systemTime == null;
	}

	RollbackRules rollbackRules() {
		return this.rollbackRules;
	}

	MethodResult result() {
		return this.result;
	}

}
