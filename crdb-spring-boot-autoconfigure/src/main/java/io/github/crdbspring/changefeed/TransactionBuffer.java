package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.crdbspring.changefeed.source.ChangefeedRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * The rows that wait for a resolved timestamp, by transaction and in the order of the
 * commits, without duplicates.
 * <p>
 * Where more rows come than it may hold, it forgets the latest transactions, and
 * remembers from when on: what is before that is complete all the same, and the rest is
 * read once more. So memory stays bounded, and no transaction is ever split, however many
 * rows come before the first resolved timestamp. Of an initial scan, which has no
 * transactions, it forgets the last keys. Not thread-safe, but for its size.
 */
final class TransactionBuffer {

	private final int maxRows;

	private final long maxBytes;

	private final TreeMap<BigDecimal, Map<String, FeedRow>> transactions = new TreeMap<>();

	private volatile int rows;

	private volatile long bytes;

	/**
	 * From this time on rows were forgotten.
	 */
	private @Nullable BigDecimal forgottenFrom;

	/**
	 * From this row of the scan on rows were forgotten.
	 */
	private @Nullable String forgottenScanFrom;

	TransactionBuffer(int maxRows, long maxBytes) {
		this.maxRows = maxRows;
		this.maxBytes = maxBytes;
	}

	/**
	 * Add a row.
	 * @return {@code false} if it is a duplicate
	 */
	boolean add(FeedRow row) {
		if (this.forgottenFrom != null && row.timestamp().compareTo(this.forgottenFrom) >= 0) {
			return true;
		}
		if (row.scan() && this.forgottenScanFrom != null && row.id().compareTo(this.forgottenScanFrom) >= 0) {
			return true;
		}
		Map<String, FeedRow> transaction = this.transactions.computeIfAbsent(row.timestamp(),
				(timestamp) -> row.scan() ? new TreeMap<>() : new LinkedHashMap<>());
		if (transaction.putIfAbsent(row.id(), row) != null) {
			return false;
		}
		count(row, 1);
		while (this.rows > this.maxRows || this.bytes > this.maxBytes) {
			forget();
		}
		return true;
	}

	private void forget() {
		Map.Entry<BigDecimal, Map<String, FeedRow>> last = this.transactions.lastEntry();
		if (this.transactions.size() > 1) {
			this.transactions.pollLastEntry();
			last.getValue().values().forEach((row) -> count(row, -1));
			this.forgottenFrom = last.getKey();
		}
		else if (last.getValue() instanceof TreeMap<String, FeedRow> scan && scan.size() > 1) {
			FeedRow row = scan.pollLastEntry().getValue();
			count(row, -1);
			this.forgottenScanFrom = row.id();
		}
		else {
			throw new ChangefeedRefusedException("The transaction at " + last.getKey().toPlainString()
					+ " has more than " + this.maxRows + " rows or " + this.maxBytes
					+ " bytes, and is not split. Raise "
					+ "crdb.changefeed.buffer.max-rows and crdb.changefeed.buffer.max-size, or use delivery = ARRIVAL");
		}
	}

	/**
	 * Take the first complete transaction, or a part of a scan.
	 * @param resolved the time before which no more rows come
	 * @return its rows, empty if there is none
	 */
	List<FeedRow> poll(BigDecimal resolved) {
		Map.Entry<BigDecimal, Map<String, FeedRow>> first = this.transactions.firstEntry();
		if (first == null || first.getKey().compareTo(resolved) > 0) {
			return List.of();
		}
		List<FeedRow> taken = new ArrayList<>();
		if (first.getValue() instanceof TreeMap<String, FeedRow> scan) {
			while (!scan.isEmpty() && taken.size() < ChangefeedSettings.SCAN_ROWS) {
				taken.add(scan.pollFirstEntry().getValue());
			}
		}
		else {
			Collection<FeedRow> all = first.getValue().values();
			taken.addAll(all);
			all.clear();
		}
		taken.forEach((row) -> count(row, -1));
		if (first.getValue().isEmpty()) {
			this.transactions.remove(first.getKey());
		}
		return taken;
	}

	/**
	 * Whether a complete transaction is left.
	 */
	boolean hasBefore(BigDecimal resolved) {
		return !this.transactions.isEmpty() && this.transactions.firstKey().compareTo(resolved) <= 0;
	}

	/**
	 * Whether rows up to a time have been forgotten, which have to be read again.
	 */
	boolean hasForgotten(BigDecimal resolved) {
		return this.forgottenScanFrom != null
				|| (this.forgottenFrom != null && this.forgottenFrom.compareTo(resolved) <= 0);
	}

	private void count(FeedRow row, int sign) {
		this.rows += sign;
		this.bytes += sign * row.size();
	}

	int rows() {
		return this.rows;
	}

	long bytes() {
		return this.bytes;
	}

}
