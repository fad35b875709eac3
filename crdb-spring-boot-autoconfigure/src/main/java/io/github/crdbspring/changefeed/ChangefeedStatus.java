package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How a listener's container fares.
 *
 * @param id the id of the listener
 * @param state what it is doing
 * @param since since when it does that
 * @param tables the tables that it listens to
 * @param owner the instance that consumes, {@code null} if that is every one or is not
 * known
 * @param position the time up to which everything was delivered, {@code null} if it is
 * not known
 * @param lag how long ago that is, {@code null} if it is not known
 * @param pausedByFailure whether it was paused because its listener has failed too often
 * @param lastError the last failure of the feed or the listener, {@code null} if there
 * was none
 * @param events how many rows were delivered
 * @param duplicates how many rows were dropped because they had been delivered, or had
 * not changed
 * @param restarts how often the feed was opened again
 * @param bufferedRows how many rows wait to be delivered
 * @param bufferedBytes how many bytes they have
 * @param retention how far behind it may be until it cannot go on from its position, for
 * as long as the tables keep what is past; {@code null} if it is not known
 * @since 0.1.0
 */
public record ChangefeedStatus(String id, ChangefeedState state, Instant since, List<String> tables,
		@Nullable String owner, @Nullable BigDecimal position, @Nullable Duration lag, boolean pausedByFailure,
		@Nullable String lastError, long events, long duplicates, long restarts, long bufferedRows, long bufferedBytes,
		@Nullable Duration retention) {

	/**
	 * Return whether it is so far behind that soon it cannot go on from its position.
	 * @return {@code true} from four fifths of the retention on
	 */
	public boolean isAlmostExpired() {
		return isBehind(0.8);
	}

	boolean isBehind(double part) {
		return this.lag != null && this.retention != null && this.lag.toMillis() > this.retention.toMillis() * part;
	}

}
