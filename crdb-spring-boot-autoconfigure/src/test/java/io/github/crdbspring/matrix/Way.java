package io.github.crdbspring.matrix;

import io.github.crdbspring.transaction.CrdbTransactionOptions;

/**
 * The ways to a transaction.
 */
enum Way implements Entry {

	TEMPLATE {

		@Override
		public void call(Application application, Runnable work, boolean timed) {
			CrdbTransactionOptions options = timed
					? CrdbTransactionOptions.builder().timeout(Application.TIMEOUT).build()
					: CrdbTransactionOptions.none();
			application.template().executeWithoutResult(options, (status) -> work.run());
		}

	},

	ANNOTATION {

		@Override
		public void call(Application application, Runnable work, boolean timed) {
			if (timed) {
				application.service().crdbTransactionalWithTimeout(work);
			}
			else {
				application.service().crdbTransactional(work);
			}
		}

	},

	/**
	 * Spring's own annotation with {@code crdb.transaction.retry-spring-transactional},
	 * and {@code crdb.transaction.timeout} if there is a timeout.
	 */
	SPRING_ANNOTATION {

		@Override
		public void call(Application application, Runnable work, boolean timed) {
			application.service().transactional(work);
		}

	}

}
