package io.github.crdbspring.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

import io.github.crdbspring.error.CommitOutcomeUnknownException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A COMMIT that leaves a mark, by which its outcome is found out where the answer to it
 * is lost.
 *
 * @param target the transaction's connection
 * @param mark the mark
 * @param origin where the connection came from, {@code null} if that is unknown
 */
record MarkedCommit(Connection target, CommitMark mark,
		@Nullable ConnectionOrigin origin) implements OutcomeGuard.CommitStep {

	private static final Log logger = LogFactory.getLog(MarkedCommit.class);

	/**
	 * Send the mark and COMMIT as one text, and so in one round trip. The driver's own
	 * {@code commit()} would have nothing left to do.
	 */
	@Override
	public void run() throws SQLException {
		try (PreparedStatement statement = this.target.prepareStatement(this.mark.statement(this.origin) + ";COMMIT")) {
			statement.setObject(1, this.mark.id());
			statement.execute();
		}
	}

	/**
	 * Find out what became of it. The connection is given back first: others may have to
	 * find out at the same time, and then nobody would get one.
	 * @param unknown takes what it failed with
	 * @return how the transaction ended, {@code UNKNOWN} if that cannot be found out
	 */
	TransactionEnd resolve(CommitOutcomeUnknownException unknown) {
		try (Connection ended = this.target) {
			logger.debug("To be found out: the outcome of a transaction on " + ended, unknown);
		}
		catch (Throwable ex) {
			unknown.addSuppressed(ex);
		}
		try {
			if (this.origin == null) {
				throw new IllegalStateException("Nobody can tell where another connection to the database of the "
						+ "transaction comes from: its connection was not handed out by a CrdbDataSource");
			}
			return this.mark.resolve(this.origin);
		}
		catch (Throwable ex) {
			// Whatever it is, the outcome is still unknown
			unknown.addSuppressed(ex);
			return TransactionEnd.UNKNOWN;
		}
	}

}
