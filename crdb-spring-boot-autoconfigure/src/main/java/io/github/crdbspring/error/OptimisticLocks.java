package io.github.crdbspring.error;

import org.springframework.dao.OptimisticLockingFailureException;

/**
 * The exceptions with which data access libraries say that a row is not of the version
 * any more that had been read.
 */
final class OptimisticLocks {

	private static final String JPA_EXCEPTION = "jakarta.persistence.OptimisticLockException";

	private OptimisticLocks() {
	}

	static boolean isOne(Throwable candidate) {
		return candidate instanceof OptimisticLockingFailureException || isOneOfJpa(candidate);
	}

	/**
	 * Goes by the name, since JPA need not be there.
	 */
	private static boolean isOneOfJpa(Throwable candidate) {
		for (Class<?> type = candidate.getClass(); type != Throwable.class; type = type.getSuperclass()) {
			if (JPA_EXCEPTION.equals(type.getName())) {
				return true;
			}
		}
		return false;
	}

}
