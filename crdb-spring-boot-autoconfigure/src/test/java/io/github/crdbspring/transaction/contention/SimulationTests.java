package io.github.crdbspring.transaction.contention;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

import io.github.crdbspring.transaction.contention.Simulation.Call;
import io.github.crdbspring.transaction.contention.Simulation.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What limits do to throughput and waits, in a {@link Simulation}: the same in each run,
 * whatever else the machine has to do.
 */
class SimulationTests {

	private static final long HALF_A_MILLISECOND = Simulation.MILLIS / 2;

	private static final int ACCOUNTS = 10_000;

	private static final int SECONDS = 4;

	@Test
	void aRunIsRepeatable() {
		assertThat(spread(Limits.KEYS).tally("hot")).hasToString(spread(Limits.KEYS).tally("hot").toString());
	}

	@Test
	void amongColdAccountsTheHotOnesAreLimitedAndTheOthersAreNot() {
		Simulation off = spread(Limits.OFF);
		Simulation name = spread(Limits.NAME);
		Simulation keys = spread(Limits.KEYS);
		assertThat(keys.throughput()).isGreaterThan(0.97 * Math.max(off.throughput(), name.throughput()));
		assertThat(keys.tally("cold").throughput()).isGreaterThan(0.95 * off.tally("cold").throughput());
		assertThat(keys.tally("cold").percentile(0.5)).isLessThan(1.3 * off.tally("cold").percentile(0.5));
		assertThat(keys.tally("hot").percentile(0.99)).isLessThan(0.1 * off.tally("hot").percentile(0.99));
		assertThat(name.tally("cold").percentile(0.5)).as("what it is about")
			.isGreaterThan(2 * off.tally("cold").percentile(0.5));
		assertThat(keys.admission(0).keys()).isBetween(2, 6);
	}

	@Test
	void aHotRowDoesNotHoldUpOtherRows() {
		Simulation off = oneRow(Limits.OFF);
		Simulation name = oneRow(Limits.NAME);
		Simulation keys = oneRow(Limits.KEYS);
		assertThat(keys.tally("hot").throughput()).isGreaterThan(0.95 * name.tally("hot").throughput());
		assertThat(keys.tally("cold").throughput()).isGreaterThan(0.95 * off.tally("cold").throughput());
		assertThat(name.tally("cold").throughput()).as("what it is about")
			.isLessThan(0.3 * off.tally("cold").throughput());
		assertThat(keys.admission(0).keys()).isOne();
	}

	@ParameterizedTest
	@ValueSource(doubles = { 1.0, 1.2 })
	void withAccountsOfEveryTemperatureAsMuchIsCommittedAndNobodyWaitsLong(double exponent) {
		Simulation off = zipf(Limits.OFF, exponent);
		Simulation keys = zipf(Limits.KEYS, exponent);
		assertThat(keys.throughput()).isGreaterThan(off.throughput());
		assertThat(keys.tally("zipf").percentile(0.99)).isLessThan(0.5 * off.tally("zipf").percentile(0.99));
	}

	@Test
	void whereAllConflictItIsAsGoodAsTheLimitOfTheName() {
		Simulation name = hot(Limits.NAME, 1, 16, HALF_A_MILLISECOND);
		Simulation keys = hot(Limits.KEYS, 1, 16, HALF_A_MILLISECOND);
		assertThat(keys.throughput()).isGreaterThan(0.97 * name.throughput());
		assertThat(keys.tally("hot").percentile(0.99)).isLessThan(1.3 * name.tally("hot").percentile(0.99));
	}

	@ParameterizedTest
	@CsvSource({ "4, 500000", "8, 500000", "4, 1000000", "8, 1000000", "4, 10000000", "8, 10000000" })
	void instancesThatKnowNothingOfEachOtherShareAHotRow(int instances, long roundTrip) {
		Simulation one = row(1, roundTrip);
		Simulation several = row(instances, roundTrip);
		assertThat(several.throughput()).isGreaterThan(0.8 * one.throughput());
		assertThat(several.tally("row").percentile(0.99)).isLessThan(3 * one.tally("row").percentile(0.99));
		assertThat(several.leastShare()).isGreaterThan(0.5);
	}

	@ParameterizedTest
	@ValueSource(ints = { 4, 8 })
	void instancesThatKnowNothingOfEachOtherShareHotAccounts(int instances) {
		Simulation one = hot(Limits.KEYS, 1, 16, HALF_A_MILLISECOND);
		Simulation several = hot(Limits.KEYS, instances, 16, HALF_A_MILLISECOND);
		assertThat(several.throughput()).isGreaterThan(0.8 * one.throughput());
		assertThat(several.tally("hot").percentile(0.99)).isLessThan(3 * one.tally("hot").percentile(0.99));
		assertThat(several.leastShare()).isGreaterThan(0.5);
	}

	@Test
	void callsThatHoldTwoHotKeysInEitherOrderDoNotStall() {
		Simulation name = crossing(Limits.NAME);
		Simulation keys = crossing(Limits.KEYS);
		assertThat(keys.throughput()).isGreaterThan(0.95 * name.throughput());
		assertThat(keys.tally("both").percentile(1))
			.isLessThan(ContentionSettings.defaults().stallTimeout().toMillis());
		assertThat(keys.tally("one").percentile(1)).isLessThan(ContentionSettings.defaults().stallTimeout().toMillis());
	}

	/**
	 * Print the table of docs/contention.md.
	 */
	@Test
	void severalInstances() {
		for (long roundTrip : new long[] { Simulation.MILLIS, 10 * Simulation.MILLIS }) {
			Simulation one = row(1, roundTrip);
			for (int instances = 2; instances <= 64; instances *= 2) {
				Simulation several = row(instances, roundTrip);
				System.out.println(String.format(Locale.ROOT,
						"%2d instances, %2d ms: throughput %.2f, p99 %.1f, retries per commit %.1f, least share %.2f, more than 10 attempts %.1f %%",
						instances, roundTrip / Simulation.MILLIS, several.throughput() / one.throughput(),
						several.tally("row").percentile(0.99) / one.tally("row").percentile(0.99),
						several.tally("row").retriesPerCommit(), several.leastShare(),
						100 * several.tally("row").givenUp()));
				assertThat(several.throughput()).isGreaterThan(0.5 * one.throughput());
			}
		}
	}

	/**
	 * One call of five between 4 hot accounts, with time to think; the others between
	 * cold ones.
	 */
	private static Simulation spread(Limits limits) {
		Simulation simulation = new Simulation(limits, HALF_A_MILLISECOND, 2, 3 * SECONDS, 1);
		Random random = simulation.random();
		simulation.addCallers(simulation.addInstance(), "", 16, () -> {
			boolean hot = random.nextInt(5) == 0;
			long[] accounts = hot ? pair(random, 0, 4) : pair(random, 100, ACCOUNTS);
			return transfer(accounts, hot ? 2 * Simulation.MILLIS : 0, hot ? "hot" : "cold");
		});
		simulation.run();
		return simulation;
	}

	/**
	 * 12 callers on one row, 4 callers on rows of their own.
	 */
	private static Simulation oneRow(Limits limits) {
		Simulation simulation = new Simulation(limits, HALF_A_MILLISECOND, 2, SECONDS, 1);
		int instance = simulation.addInstance();
		simulation.addCallers(instance, "hot", 12, () -> transfer(new long[] { 1 }, 3 * Simulation.MILLIS, null));
		simulation.addCallers(instance, "cold", 4,
				() -> transfer(new long[] { 100 + simulation.random().nextInt(400) }, 3 * Simulation.MILLIS, null));
		simulation.run();
		return simulation;
	}

	/**
	 * Accounts drawn with a Zipf distribution, both ends of a transfer.
	 */
	private static Simulation zipf(Limits limits, double exponent) {
		double[] cumulated = new double[ACCOUNTS];
		double sum = 0;
		for (int i = 0; i < ACCOUNTS; i++) {
			sum += Math.pow(i + 1, -exponent);
			cumulated[i] = sum;
		}
		Simulation simulation = new Simulation(limits, HALF_A_MILLISECOND, 2, SECONDS, 1);
		simulation.addCallers(simulation.addInstance(), "zipf", 16, () -> {
			long first = draw(simulation.random(), cumulated);
			long second = first;
			while (second == first) {
				second = draw(simulation.random(), cumulated);
			}
			return transfer(new long[] { first, second }, 2 * Simulation.MILLIS, null);
		});
		simulation.run();
		return simulation;
	}

	private static long draw(Random random, double[] cumulated) {
		int index = Arrays.binarySearch(cumulated, random.nextDouble() * cumulated[cumulated.length - 1]);
		return (index >= 0) ? index : -index - 1;
	}

	private static Simulation hot(Limits limits, int instances, int callers, long roundTrip) {
		Simulation simulation = new Simulation(limits, roundTrip, 2, 2 * SECONDS, 1);
		for (int i = 0; i < instances; i++) {
			simulation.addCallers(simulation.addInstance(), "hot", callers / instances,
					() -> transfer(pair(simulation.random(), 0, 4), 2 * Simulation.MILLIS, null));
		}
		simulation.run();
		return simulation;
	}

	private static Simulation row(int instances, long roundTrip) {
		Simulation simulation = new Simulation(Limits.KEYS, roundTrip, 2, 3 * SECONDS, 1);
		for (int i = 0; i < instances; i++) {
			simulation.addCallers(simulation.addInstance(), "row", 64 / instances,
					() -> transfer(new long[] { 1 }, 2 * Simulation.MILLIS, null));
		}
		simulation.run();
		return simulation;
	}

	/**
	 * Calls with two hot keys in either order, among calls with one of them and with
	 * none.
	 */
	private static Simulation crossing(Limits limits) {
		Simulation simulation = new Simulation(limits, HALF_A_MILLISECOND, 2, SECONDS, 1);
		Random random = simulation.random();
		int instance = simulation.addInstance();
		simulation.addCallers(instance, "both", 6,
				() -> transfer(random.nextBoolean() ? new long[] { 1, 2 } : new long[] { 2, 1 }, 2 * Simulation.MILLIS,
						null));
		simulation.addCallers(instance, "one", 6,
				() -> transfer(new long[] { 1 + random.nextInt(2) }, 2 * Simulation.MILLIS, null));
		simulation.addCallers(instance, "none", 4,
				() -> transfer(new long[] { 100 + random.nextInt(ACCOUNTS) }, 2 * Simulation.MILLIS, null));
		simulation.run();
		return simulation;
	}

	private static long[] pair(Random random, long from, int size) {
		int first = random.nextInt(size);
		int second = (first + 1 + random.nextInt(size - 1)) % size;
		return new long[] { from + first, from + second };
	}

	/**
	 * A transfer between accounts, whose ids are arguments, and so is an amount that is
	 * always the same.
	 */
	private static Call transfer(long[] accounts, long think, String label) {
		Object[] arguments = new Object[accounts.length + 1];
		for (int i = 0; i < accounts.length; i++) {
			arguments[i] = accounts[i] + 1000;
		}
		arguments[accounts.length] = 1;
		return new Call(accounts.clone(), think, () -> CallKeys.candidates(arguments), label);
	}

}
