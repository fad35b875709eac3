package io.github.crdbspring.sample.load;

import io.github.crdbspring.jdbc.ServerInfo;

/**
 * A load's report for people.
 *
 * @param serverInfo the database that it ran on
 * @param request what was asked for
 * @param report what became of it
 */
record LoadSummary(ServerInfo serverInfo, LoadRequest request, LoadReport report) {

	@Override
	public String toString() {
		return """
				%d transfers by %d threads between %d accounts
				    database     %s
				    transfers    %d committed, %d refused, %d failed
				    retries      %d, at most %d attempts for one transfer
				    throughput   %.0f transfers/s, half of them within %.1f ms, 99 %% within %.1f ms
				    balance      %s""".formatted(this.request.transfers(), this.request.threads(),
				this.request.accounts(), this.serverInfo.vendor() + " " + this.serverInfo.versionText(),
				this.report.committed(), this.report.refused(), this.report.failed(), this.report.retries(),
				this.report.maxAttempts(), this.report.throughput(), this.report.p50Millis(), this.report.p99Millis(),
				balance());
	}

	private String balance() {
		return this.report.isTotalUnchanged() ? "total balance unchanged: " + this.report.totalAfter()
				: "TOTAL BALANCE CHANGED: " + this.report.totalBefore() + " before, " + this.report.totalAfter()
						+ " after";
	}

}
