package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Up to where a listener has got everything.
 *
 * @param timestamp the time up to which it has got all commits; during an initial scan,
 * the time as of which that reads
 * @param scanned the last row of the initial scan that it has got, empty before the
 * first; {@code null} if no scan is under way
 */
record Position(BigDecimal timestamp, @Nullable String scanned) {

	static Position at(BigDecimal timestamp) {
		return new Position(timestamp, null);
	}

	static Position scan(BigDecimal timestamp) {
		return new Position(timestamp, "");
	}

	boolean inScan() {
		return this.scanned != null;
	}

	/**
	 * Whether a row was delivered before this position was reached.
	 */
	boolean covers(FeedRow row) {
		int order = row.timestamp().compareTo(this.timestamp);
		if (order == 0 && this.scanned != null) {
			return row.id().compareTo(this.scanned) <= 0;
		}
		return order <= 0;
	}

	boolean isSame(@Nullable Position other) {
		return other != null && this.timestamp.compareTo(other.timestamp) == 0
				&& Objects.equals(this.scanned, other.scanned);
	}

}
