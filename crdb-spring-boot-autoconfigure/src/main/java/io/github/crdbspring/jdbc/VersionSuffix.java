package io.github.crdbspring.jdbc;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What follows the numbers of a version, taken apart so that versions can be ordered.
 *
 * @param phase how far the release had come
 * @param number the number within the phase
 * @param cloudOnly the number of a cloud-only version of a pre-release, 0 if it is none
 * @param commits the number of commits since, 0 if it is what was tagged
 * @param text the whole suffix, empty for a plain release
 * @see <a href="https://github.com/cockroachdb/version">The versions that there have
 * been</a>
 */
record VersionSuffix(Phase phase, long number, long cloudOnly, long commits,
		String text) implements Comparable<VersionSuffix> {

	private static final Pattern SUFFIX = Pattern.compile("(?:-(alpha|beta|rc|cloudonly)(?:\\.|-rc)?(\\d{1,18})?)?"
			+ "(?:-cloudonly(?:\\.|-rc)?(\\d{1,18})?)?" + "(?:-(\\d{1,18})-g[0-9a-f]+)?" + "(?:-(?:fips|dirty|dev))*");

	private static final Comparator<VersionSuffix> ORDER = Comparator.comparing(VersionSuffix::phase)
		.thenComparingLong(VersionSuffix::number)
		.thenComparingLong(VersionSuffix::cloudOnly)
		.thenComparingLong(VersionSuffix::commits)
		.thenComparing(VersionSuffix::text);

	static VersionSuffix parse(@Nullable String suffix) {
		if (suffix == null) {
			return new VersionSuffix(Phase.STABLE, 0, 0, 0, "");
		}
		Matcher matcher = SUFFIX.matcher("-" + suffix);
		if (!matcher.matches()) {
			return new VersionSuffix(Phase.CUSTOM, 0, 0, 0, suffix);
		}
		return new VersionSuffix(Phase.of(matcher.group(1)), number(matcher.group(2)), number(matcher.group(3)),
				number(matcher.group(4)), suffix);
	}

	private static long number(@Nullable String digits) {
		return (digits != null) ? Long.parseLong(digits) : 0;
	}

	@Override
	public int compareTo(VersionSuffix other) {
		return ORDER.compare(this, other);
	}

	/**
	 * The phases of a release, in their order.
	 */
	enum Phase {

		ALPHA, BETA, RC, CLOUDONLY, STABLE, CUSTOM;

		static Phase of(@Nullable String name) {
			return (name != null) ? valueOf(name.toUpperCase(Locale.ROOT)) : STABLE;
		}

	}

}
