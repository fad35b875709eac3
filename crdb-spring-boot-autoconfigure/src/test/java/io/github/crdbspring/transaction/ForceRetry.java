package io.github.crdbspring.transaction;

import io.github.crdbspring.test.TestDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Makes CockroachDB answer with 40001 on demand.
 */
final class ForceRetry {

	private ForceRetry() {
	}

	/**
	 * Skip the test where the server does not let us.
	 */
	static void assumeAllowed(TestDatabase database) {
		var version = database.serverInfo().version();
		assumeThat(version != null && version.isAtLeast(26, 1))
			.as("From 26.1 on CockroachDB does not allow the functions of crdb_internal by default")
			.isFalse();
	}

	/**
	 * Fail with 40001 as long as the transaction is younger than the interval. As the
	 * first statement of a transaction the server repeats it by itself until it succeeds.
	 */
	static void until(JdbcClient jdbc, String age) {
		jdbc.sql("SELECT crdb_internal.force_retry('" + age + "')").query().singleValue();
	}

}
