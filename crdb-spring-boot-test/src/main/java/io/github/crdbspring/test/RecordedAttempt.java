package io.github.crdbspring.test;

import java.sql.SQLException;
import java.time.Duration;

import io.github.crdbspring.transaction.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a {@link RecordedTransaction}.
 *
 * @param number its number, from 1
 * @param outcome how its transaction ended
 * @param failure why it failed, {@code null} if it did not
 * @param pause the pause before the next attempt, {@code null} if there was none
 * @since 0.1.0
 */
public record RecordedAttempt(int number, TransactionOutcome outcome, @Nullable Throwable failure,
		@Nullable Duration pause) {

	/**
	 * Return the SQLSTATE of the failure.
	 * @return the code, {@code null} if the attempt did not fail, or not with one
	 */
	public @Nullable String sqlState() {
		for (Throwable cause = this.failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException ex && ex.getSQLState() != null) {
				return ex.getSQLState();
			}
		}
		return null;
	}

	RecordedAttempt withPause(Duration pause) {
		return new RecordedAttempt(this.number, this.outcome, this.failure, pause);
	}

	@Override
	public String toString() {
		String text = "attempt " + this.number + " " + this.outcome;
		if (this.failure != null) {
			String sqlState = sqlState();
			text += " (" + ((sqlState != null) ? sqlState + " " : "") + this.failure.getClass().getSimpleName() + ")";
		}
		return (this.pause != null) ? text + ", then a pause of " + this.pause.toMillis() + " ms" : text;
	}

}
