package io.github.crdbspring.transaction;

import io.github.crdbspring.transaction.contention.Admission;
import io.github.crdbspring.transaction.contention.ContentionSettings;

/**
 * The admission of one transaction's attempts as observers see it: as their limit.
 */
final class LimitedAdmission extends Admission implements TransactionLimit {

	LimitedAdmission(String name, ContentionSettings settings) {
		super(name, settings, System::nanoTime);
	}

}
