package io.github.crdbspring.contention;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What is measured: one or more scenarios, each with loads that run at the same time.
 */
enum Workload {

	/**
	 * Transfers between few accounts, with time to think between reading and writing.
	 */
	HOT {

		@Override
		List<List<Load>> scenarios(int threads) {
			return List.of(List.of(hot("hot", threads)));
		}

	},

	/**
	 * Transfers that conflict now and then.
	 */
	WARM {

		@Override
		List<List<Load>> scenarios(int threads) {
			return List.of(List.of(new Load("warm", threads, Load.Method.FIRST,
					(run) -> new Accounts(run, WARM_ACCOUNTS, Duration.ZERO))));
		}

	},

	/**
	 * Transfers that hardly ever conflict.
	 */
	COLD {

		@Override
		List<List<Load>> scenarios(int threads) {
			return List.of(List.of(cold("cold", threads, Load.Method.FIRST)));
		}

	},

	/**
	 * One call of five between hot accounts, the others between cold ones, of the same
	 * method.
	 */
	SPREAD {

		@Override
		List<List<Load>> scenarios(int threads) {
			return List
				.of(List.of(new Load("spread", threads, Load.Method.FIRST, (run) -> new Accounts(run, COLD_ACCOUNTS,
						Choice.spread(HOT_ACCOUNTS, COLD_ACCOUNTS, HOT_THINK_TIME, SPREAD_HOT, SPREAD_COLD)))));
		}

	},

	/**
	 * Three quarters of the callers change the same row and one of many others, the rest
	 * only others, by the same method; then the same with a single caller of the row, who
	 * has no conflicts.
	 */
	ONE_ROW {

		@Override
		List<List<Load>> scenarios(int threads) {
			int few = Math.max(1, threads / 4);
			return List.of(List.of(oneRow(ONE_ROW_HOT, threads - few), otherRows(ONE_ROW_COLD, few)),
					List.of(oneRow(ONE_CALLER_OF_THE_ROW, 1), otherRows("one row: cold, beside one caller", few)));
		}

	},

	/**
	 * Accounts that are drawn the more often the lower their number is.
	 */
	ZIPF {

		@Override
		List<List<Load>> scenarios(int threads) {
			return Stream.of(1.0, 1.2)
				.map((exponent) -> List.of(new Load("zipf " + exponent, threads, Load.Method.FIRST,
						(run) -> new Accounts(run, COLD_ACCOUNTS, Choice.zipf(COLD_ACCOUNTS, exponent)))))
				.toList();
		}

	},

	/**
	 * Sums that are read before something is inserted.
	 */
	SKEW {

		@Override
		List<List<Load>> scenarios(int threads) {
			return List.of(List.of(new Load("skew", threads, Load.Method.FIRST, (run) -> new Ledgers(run, LEDGERS))));
		}

	},

	/**
	 * Hot transfers of one name beside cold ones of another; the latter beside a single
	 * caller of the former, who has no conflicts; and the latter alone.
	 */
	MIXED {

		@Override
		List<List<Load>> scenarios(int threads) {
			int few = Math.max(1, threads / 4);
			return List.of(List.of(hot("mixed: hot", threads - few), cold(MIXED_COLD, few, Load.Method.SECOND)),
					List.of(hot("mixed: hot, one caller", 1), cold(COLD_BESIDE_ONE_CALLER, few, Load.Method.SECOND)),
					List.of(cold(COLD_ALONE, few, Load.Method.SECOND)));
		}

	};

	static final String SPREAD_HOT = "spread: hot";

	static final String SPREAD_COLD = "spread: cold";

	static final String ONE_ROW_HOT = "one row: hot";

	static final String ONE_ROW_COLD = "one row: cold";

	static final String ONE_CALLER_OF_THE_ROW = "one row: hot, one caller";

	static final String MIXED_COLD = "mixed: cold";

	static final String COLD_BESIDE_ONE_CALLER = "mixed: cold, beside one caller";

	static final String COLD_ALONE = "mixed: cold, alone";

	private static final int HOT_ACCOUNTS = 4;

	private static final Duration HOT_THINK_TIME = Duration.ofMillis(2);

	private static final Duration ONE_ROW_THINK_TIME = Duration.ofMillis(3);

	private static final int WARM_ACCOUNTS = 100;

	private static final int COLD_ACCOUNTS = 10_000;

	private static final int LEDGERS = 20;

	abstract List<List<Load>> scenarios(int threads);

	String label() {
		return name().toLowerCase(Locale.ROOT).replace('_', ' ');
	}

	private static Load hot(String label, int threads) {
		return new Load(label, threads, Load.Method.FIRST, (run) -> new Accounts(run, HOT_ACCOUNTS, HOT_THINK_TIME));
	}

	private static Load cold(String label, int threads, Load.Method method) {
		return new Load(label, threads, method, (run) -> new Accounts(run, COLD_ACCOUNTS, Duration.ZERO));
	}

	private static Load oneRow(String label, int threads) {
		return new Load(label, threads, Load.Method.FIRST,
				(run) -> new Accounts(run, COLD_ACCOUNTS, Choice.one(COLD_ACCOUNTS, ONE_ROW_THINK_TIME)));
	}

	private static Load otherRows(String label, int threads) {
		return new Load(label, threads, Load.Method.FIRST,
				(run) -> new Accounts(run, COLD_ACCOUNTS, ONE_ROW_THINK_TIME));
	}

}
