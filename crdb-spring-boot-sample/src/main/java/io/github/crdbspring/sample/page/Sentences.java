package io.github.crdbspring.sample.page;

import java.math.BigDecimal;
import java.util.Locale;

import io.github.crdbspring.sample.fault.CutMoment;
import io.github.crdbspring.sample.load.LoadReport;

/**
 * Says what has happened.
 */
final class Sentences {

	private Sentences() {
	}

	static String started(PageLoadRequest request) {
		return "A load has started: %s transfer for %s, %s.".formatted(count(request.threads(), "thread"),
				count(request.seconds(), "second"), switch (request.shape()) {
					case HOT -> "all between the same three accounts";
					case SPREAD -> "between all accounts";
					case COLD -> "each between two accounts of its own";
				});
	}

	static String ended(LoadReport report) {
		return "The load has ended: %s committed, %s refused for lack of money, %s given up; %s. %s".formatted(
				count(report.committed(), "transfer"), number(report.refused()), number(report.failed()),
				count(report.retries(), "attempt") + " had to be repeated",
				total(report.totalBefore(), report.totalAfter()));
	}

	static String conflicts(int writes, int seconds, Totals since, BigDecimal total) {
		return "Others wrote the same accounts %s in %s: %s met a conflict and %s retried; %s committed, %s given up. %s"
			.formatted(count(writes, "time"), count(seconds, "second"), count(since.retries(), "attempt"),
					(since.retries() == 1) ? "was" : "were", count(since.committed(), "transfer"),
					number(since.givenUp()), total(PageLoad.TOTAL, total));
	}

	static String cut(CutMoment moment, Totals since, BigDecimal total) {
		String what = switch (moment) {
			case BEFORE_COMMIT -> "The connection was cut before COMMIT reached the database";
			case AFTER_COMMIT -> "The connection was cut after the database had carried out COMMIT";
		};
		String then;
		if (since.unknown() > 0) {
			then = "; what became of the transfer could not be found out, and its caller was told so";
		}
		else if (since.foundCommitted() > 0) {
			then = ", so its outcome was unknown; %s later it was resolved: committed, and the caller got the result"
				.formatted(millis(since.findingMillis()));
		}
		else {
			then = ", so its outcome was unknown; %s later it was resolved: not committed, and the transfer was retried"
				.formatted(millis(since.findingMillis()));
		}
		return what + then + ". " + total(PageLoad.TOTAL, total);
	}

	static String noCommit() {
		return "No transfer has committed, so no connection was cut.";
	}

	static String paused(int seconds, double slowest, Totals since, BigDecimal total) {
		String then = (since.givenUp() + since.unknown() > 0)
				? "%s refused, and %s an unknown outcome".formatted(count(since.givenUp(), "transfer"),
						number(since.unknown()))
				: "transfers waited, the slowest for %s, and none was refused; %s retried".formatted(millis(slowest),
						(since.retries() == 1) ? "1 attempt was" : number(since.retries()) + " attempts were");
		return "The database said nothing for %s: %s. %s".formatted(count(seconds, "second"), then,
				total(PageLoad.TOTAL, total));
	}

	private static String total(BigDecimal before, BigDecimal after) {
		return (before.compareTo(after) == 0) ? "The total is unchanged: " + after + "."
				: "THE TOTAL HAS CHANGED from " + before + " to " + after + ".";
	}

	private static String millis(double millis) {
		return String.format(Locale.ROOT, "%,.0f ms", millis);
	}

	private static String count(long count, String noun) {
		return number(count) + " " + noun + ((count == 1) ? "" : "s");
	}

	private static String number(long number) {
		return String.format(Locale.ROOT, "%,d", number);
	}

}
