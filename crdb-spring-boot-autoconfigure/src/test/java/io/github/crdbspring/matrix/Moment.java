package io.github.crdbspring.matrix;

/**
 * When a fault happens in the course of a transaction.
 */
enum Moment {

	/**
	 * In the first statement, with which the driver sends BEGIN.
	 */
	FIRST_STATEMENT,

	LATER_STATEMENT,

	/**
	 * In the flush of JPA's commit, which comes after all callbacks before COMMIT.
	 */
	FLUSH,

	/**
	 * In a synchronization's {@code beforeCommit}.
	 */
	BEFORE_COMMIT,

	/**
	 * In a {@code @TransactionalEventListener(BEFORE_COMMIT)}.
	 */
	BEFORE_COMMIT_EVENT,

	/**
	 * During COMMIT, which does not take effect.
	 */
	COMMIT,

	/**
	 * During COMMIT, which takes effect.
	 */
	EFFECTIVE_COMMIT,

	/**
	 * In a listener of Hibernate's, which belongs to its commit.
	 */
	HIBERNATE_POST_COMMIT,

	/**
	 * In a synchronization's {@code afterCommit}.
	 */
	AFTER_COMMIT,

	/**
	 * In a {@code @TransactionalEventListener}. Spring logs what it throws.
	 */
	AFTER_COMMIT_EVENT;

	/**
	 * Whether only JPA has such a moment.
	 */
	boolean isOfJpa() {
		return this == FLUSH || this == HIBERNATE_POST_COMMIT;
	}

	/**
	 * Whether the fault is made ready at the end of the work, for what the commit sends.
	 */
	boolean isOfCommit() {
		return this == FLUSH || this == COMMIT || this == EFFECTIVE_COMMIT;
	}

	/**
	 * Whether the transaction is over, so that JPA does no work any more.
	 */
	boolean isAfterCommit() {
		return this == HIBERNATE_POST_COMMIT || this == AFTER_COMMIT || this == AFTER_COMMIT_EVENT;
	}

}
