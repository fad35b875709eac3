package io.github.crdbspring.changefeed.source;

import java.util.Arrays;
import java.util.List;

import io.github.crdbspring.jdbc.CrdbVersion;

/**
 * Faults of certain versions by which a changefeed loses changes, as Cockroach Labs have
 * announced them. Read there, not seen.
 *
 * @see <a href="https://www.cockroachlabs.com/docs/advisories/">CockroachDB: Technical
 * Advisories</a>
 */
enum Advisory {

	/**
	 * A checkpoint was taken too early.
	 */
	A104309("changes can be missed after a checkpoint", "23.1.15 or 23.2.1", "22.2.0-23.1.0", "23.1.0-23.1.15",
			"23.2.0-23.2.1"),

	/**
	 * Rows are left out by the initial scan.
	 */
	A123371("the initial scan can leave out rows", "23.1.22 or 23.2.6", "22.2.0-23.1.0", "23.1.0-23.1.22",
			"23.2.0-23.2.6"),

	/**
	 * Writes to several ranges are lost.
	 */
	A131639("writes that span ranges can be missed", "23.1.27, 23.2.11 or 24.1.1", "22.2.0-23.1.0", "23.1.0-23.1.27",
			"23.2.0-23.2.11", "24.1.0-24.1.1");

	private final String effect;

	private final String fixedIn;

	private final List<String> ranges;

	Advisory(String effect, String fixedIn, String... ranges) {
		this.effect = effect;
		this.fixedIn = fixedIn;
		this.ranges = List.of(ranges);
	}

	static List<String> of(CrdbVersion version) {
		return Arrays.stream(values())
			.filter((advisory) -> advisory.applies(version.toInt()))
			.map((advisory) -> "CockroachDB " + version + " is subject to technical advisory " + advisory + ": "
					+ advisory.effect + ". Fixed in " + advisory.fixedIn)
			.toList();
	}

	/**
	 * A range has the version that it ends with no more in it.
	 */
	private boolean applies(int version) {
		return this.ranges.stream().anyMatch((range) -> {
			String[] bounds = range.split("-");
			return version >= number(bounds[0]) && version < number(bounds[1]);
		});
	}

	private static int number(String version) {
		CrdbVersion parsed = CrdbVersion.parse(version);
		return (parsed != null) ? parsed.toInt() : 0;
	}

}
