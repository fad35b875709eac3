package io.github.crdbspring.sample.page;

/**
 * What has become of transfers since the start of the application, as the meters say.
 *
 * @param committed how many were committed
 * @param rolledBack how many failed and were not to be retried, such as for lack of money
 * @param givenUp how many were given up after several attempts
 * @param unknown how many have an outcome that is unknown
 * @param retries how many attempts were repeated
 * @param transactions how many transactions took attempts
 * @param attempts how many attempts they took
 * @param foundCommitted unknown outcomes that were found out to be committed
 * @param foundRolledBack unknown outcomes that were found out not to be committed
 * @param findingMillis how long it took to find them out
 */
record Totals(long committed, long rolledBack, long givenUp, long unknown, long retries, long transactions,
		long attempts, long foundCommitted, long foundRolledBack, double findingMillis) {

	/**
	 * Return what has happened since.
	 */
	Totals since(Totals earlier) {
		return new Totals(this.committed - earlier.committed, this.rolledBack - earlier.rolledBack,
				this.givenUp - earlier.givenUp, this.unknown - earlier.unknown, this.retries - earlier.retries,
				this.transactions - earlier.transactions, this.attempts - earlier.attempts,
				this.foundCommitted - earlier.foundCommitted, this.foundRolledBack - earlier.foundRolledBack,
				this.findingMillis - earlier.findingMillis);
	}

	/**
	 * Return whether an outcome was unknown at first, and is no longer, or stays it.
	 */
	boolean hasFinding() {
		return this.foundCommitted + this.foundRolledBack + this.unknown > 0;
	}

}
