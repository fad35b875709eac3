package io.github.crdbspring.contention;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;

/**
 * Draws the two accounts of a transfer.
 */
interface Choice {

	Pair next();

	/**
	 * Draw any two.
	 */
	static Choice uniform(int size, Duration thinkTime) {
		return () -> pair(1, size, thinkTime, null);
	}

	/**
	 * Draw one call of five between the first few accounts, with time to think, and the
	 * others between the rest.
	 */
	static Choice spread(int hot, int size, Duration thinkTime, String hotLabel, String coldLabel) {
		return () -> (ThreadLocalRandom.current().nextInt(5) == 0) ? pair(1, hot, thinkTime, hotLabel)
				: pair(hot + 1, size - hot, Duration.ZERO, coldLabel);
	}

	/**
	 * Draw the first account and one of its caller's own, so that all callers change the
	 * same row and no other.
	 */
	static Choice one(int size, Duration thinkTime) {
		return () -> {
			int own = 2 + ThreadLocalRandom.current().nextInt(size - 1);
			return new Pair(1, own, thinkTime, null);
		};
	}

	/**
	 * Draw both with a Zipf distribution.
	 */
	static Choice zipf(int size, double exponent) {
		double[] cumulated = new double[size];
		double sum = 0;
		for (int i = 0; i < size; i++) {
			sum += Math.pow(i + 1, -exponent);
			cumulated[i] = sum;
		}
		return () -> {
			int source = draw(cumulated);
			int target = source;
			while (target == source) {
				target = draw(cumulated);
			}
			return new Pair(source, target, Duration.ZERO, null);
		};
	}

	private static int draw(double[] cumulated) {
		int index = Arrays.binarySearch(cumulated,
				ThreadLocalRandom.current().nextDouble() * cumulated[cumulated.length - 1]);
		return Math.min((index >= 0) ? index : -index - 1, cumulated.length - 1) + 1;
	}

	private static Pair pair(int from, int size, Duration thinkTime, @Nullable String label) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		int source = random.nextInt(size);
		int target = (source + 1 + random.nextInt(size - 1)) % size;
		return new Pair(from + source, from + target, thinkTime, label);
	}

	/**
	 * Two accounts.
	 *
	 * @param source where the money is taken from
	 * @param target where it goes
	 * @param thinkTime how long to think between reading and writing
	 * @param label the load that the transfer counts as, {@code null} for that of its
	 * caller
	 */
	record Pair(int source, int target, Duration thinkTime, @Nullable String label) {

	}

}
