package io.github.crdbspring.sample.page;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/**
 * Which accounts a load transfers between, and so how many conflicts it has.
 */
enum LoadShape {

	/**
	 * All threads between the same few accounts.
	 */
	HOT {

		@Override
		List<List<UUID>> share(List<UUID> accounts, int threads) {
			return Collections.nCopies(threads, accounts.subList(0, HOT_ACCOUNTS));
		}

	},

	/**
	 * All threads between all accounts.
	 */
	SPREAD {

		@Override
		List<List<UUID>> share(List<UUID> accounts, int threads) {
			return Collections.nCopies(threads, accounts);
		}

	},

	/**
	 * Each thread between two accounts of its own.
	 */
	COLD {

		@Override
		List<List<UUID>> share(List<UUID> accounts, int threads) {
			List<List<UUID>> shares = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				shares.add(accounts.subList(2 * i, 2 * i + 2));
			}
			return shares;
		}

	};

	private static final int HOT_ACCOUNTS = 3;

	/**
	 * Say between which accounts each thread makes transfers.
	 */
	abstract List<List<UUID>> share(List<UUID> accounts, int threads);

}
