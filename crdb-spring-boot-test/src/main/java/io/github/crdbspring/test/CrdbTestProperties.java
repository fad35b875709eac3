package io.github.crdbspring.test;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of the test kit.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("crdb.test")
public class CrdbTestProperties {

	/**
	 * Whether the pauses between attempts are noted only, and not slept.
	 */
	private boolean skipPauses = true;

	private final InjectRetries injectRetries = new InjectRetries();

	public boolean isSkipPauses() {
		return this.skipPauses;
	}

	public void setSkipPauses(boolean skipPauses) {
		this.skipPauses = skipPauses;
	}

	public InjectRetries getInjectRetries() {
		return this.injectRetries;
	}

	/**
	 * Properties of the failures of a whole suite.
	 */
	public static class InjectRetries {

		/**
		 * Whether transactions fail in every test, as with the annotation of that name.
		 */
		private boolean enabled;

		/**
		 * How many attempts of each transaction fail.
		 */
		private int times = 1;

		/**
		 * Whether that many attempts of each transaction fail, and not of each test.
		 */
		private boolean every = true;

		/**
		 * Whether the failures are of the server's own making, which takes CockroachDB
		 * 22.1, or 23.1 for COMMIT.
		 */
		private boolean server;

		/**
		 * Where they fail.
		 */
		private FailurePoint at = FailurePoint.COMMIT;

		/**
		 * Name of the transactions that fail, with * for any text; all of this library's
		 * if empty.
		 */
		private String transaction = "";

		/**
		 * How the statement begins that fails, with % for any text; any if empty.
		 */
		private String statement = "";

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getTimes() {
			return this.times;
		}

		public void setTimes(int times) {
			this.times = times;
		}

		public boolean isEvery() {
			return this.every;
		}

		public void setEvery(boolean every) {
			this.every = every;
		}

		public boolean isServer() {
			return this.server;
		}

		public void setServer(boolean server) {
			this.server = server;
		}

		public FailurePoint getAt() {
			return this.at;
		}

		public void setAt(FailurePoint at) {
			this.at = at;
		}

		public String getTransaction() {
			return this.transaction;
		}

		public void setTransaction(String transaction) {
			this.transaction = transaction;
		}

		public String getStatement() {
			return this.statement;
		}

		public void setStatement(String statement) {
			this.statement = statement;
		}

	}

}
