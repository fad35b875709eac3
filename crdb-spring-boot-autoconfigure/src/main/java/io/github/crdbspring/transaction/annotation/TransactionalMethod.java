package io.github.crdbspring.transaction.annotation;

import io.github.crdbspring.transaction.CrdbTransactionOptions;
import org.jspecify.annotations.Nullable;

/**
 * What the annotation says about a method, read and checked once.
 *
 * @param transactionManager the bean name or qualifier of the transaction manager, may be
 * empty
 * @param options the options that are the same for every call
 * @param systemTime computes the system time of a call, {@code null} if there is none to
 * compute
 * @param rollbackRules which exceptions roll back
 */
record TransactionalMethod(String transactionManager, CrdbTransactionOptions options,
		@Nullable SystemTimeExpression systemTime, RollbackRules rollbackRules) {

	CrdbTransactionOptions options(@Nullable Object[] arguments) {
		if (this.systemTime == null) {
			return this.options;
		}
		return this.options.toBuilder().readOnly(true).systemTime(this.systemTime.evaluate(arguments)).build();
	}

}
