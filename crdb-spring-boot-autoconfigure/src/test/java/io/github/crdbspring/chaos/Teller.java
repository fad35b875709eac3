package io.github.crdbspring.chaos;

import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.transaction.annotation.Transactional;

/**
 * Takes callers' transfers, each a transaction: one class for each way to begin it.
 */
interface Teller {

	void transfer(Transfer transfer);

	/**
	 * Uses this library's annotation.
	 */
	class Annotated implements Teller {

		private final Bank bank;

		Annotated(Bank bank) {
			this.bank = bank;
		}

		@Override
		@CrdbTransactional
		public void transfer(Transfer transfer) {
			this.bank.move(transfer);
		}

	}

	/**
	 * Uses Spring's annotation, whose transactions are retried in this application.
	 */
	class Spring implements Teller {

		private final Bank bank;

		Spring(Bank bank) {
			this.bank = bank;
		}

		@Override
		@Transactional
		public void transfer(Transfer transfer) {
			this.bank.move(transfer);
		}

	}

	/**
	 * Uses the template.
	 */
	class Template implements Teller {

		private final Bank bank;

		private final CrdbTransactionTemplate template;

		Template(Bank bank, CrdbTransactionTemplate template) {
			this.bank = bank;
			this.template = template;
		}

		@Override
		public void transfer(Transfer transfer) {
			this.template.executeWithoutResult((status) -> this.bank.move(transfer));
		}

	}

}
