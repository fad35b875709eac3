package io.github.crdbspring.transaction.outcome;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/**
 * Ids of transactions: a UUID of version 8 that starts at random, so that neighbours in
 * time are not neighbours in the table, and ends with the second it was made in, so that
 * an id tells whether its mark may have been deleted already.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.8">RFC 9562: UUID
 * Version 8</a>
 */
final class TransactionIds {

	private static final int VERSION = 8;

	private TransactionIds() {
	}

	static UUID next(Instant now) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		long high = (random.nextLong() & ~0xf000L) | (VERSION << 12);
		long low = (0x2L << 62) | ((random.nextLong() >>> 2) & ~0xffff_ffffL) | (now.getEpochSecond() & 0xffff_ffffL);
		return new UUID(high, low);
	}

	/**
	 * Return when an id was made.
	 * @return the time, {@code null} if it is none of ours
	 */
	static @Nullable Instant timeOf(UUID id) {
		return (id.version() == VERSION && id.variant() == 2)
				? Instant.ofEpochSecond(id.getLeastSignificantBits() & 0xffff_ffffL) : null;
	}

}
