package io.github.crdbspring.matrix;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.test.ForgedError;
import org.postgresql.util.PSQLException;

/**
 * What a caller can be told.
 */
enum Told {

	/**
	 * A result: committed.
	 */
	RESULT {

		@Override
		boolean matches(Throwable thrown, Throwable own) {
			return thrown == null;
		}

	},

	/**
	 * The exception that its own code has thrown, the very same.
	 */
	OWN_EXCEPTION {

		@Override
		boolean matches(Throwable thrown, Throwable own) {
			return own != null && thrown == own;
		}

	},

	/**
	 * The error that the flush or COMMIT was answered with: not committed.
	 */
	ERROR_OF_THE_SERVER {

		@Override
		boolean matches(Throwable thrown, Throwable own) {
			return !isOurs(thrown) && isForged(thrown);
		}

	},

	/**
	 * That the timeout has passed: not committed.
	 */
	DEADLINE {

		@Override
		boolean matches(Throwable thrown, Throwable own) {
			return thrown instanceof TransactionDeadlineExceededException;
		}

	},

	/**
	 * That nobody knows.
	 */
	UNKNOWN {

		@Override
		boolean matches(Throwable thrown, Throwable own) {
			return thrown instanceof AmbiguousCommitException;
		}

	},

	/**
	 * Committed, but something that belongs to COMMIT has failed afterwards.
	 */
	COMMITTED {

		@Override
		boolean matches(Throwable thrown, Throwable own) {
			return thrown != null && thrown.getClass().getName().equals(COMMITTED_EXCEPTION);
		}

	};

	private static final String COMMITTED_EXCEPTION = "io.github.crdbspring.error.CommittedTransactionException";

	abstract boolean matches(Throwable thrown, Throwable own);

	private static boolean isOurs(Throwable thrown) {
		return thrown != null && thrown.getClass().getPackageName().startsWith("io.github.crdbspring");
	}

	private static boolean isForged(Throwable thrown) {
		for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
			if (cause instanceof PSQLException ex && ex.getServerErrorMessage() != null
					&& ForgedError.MESSAGE.equals(ex.getServerErrorMessage().getMessage())) {
				return true;
			}
		}
		return false;
	}

}
