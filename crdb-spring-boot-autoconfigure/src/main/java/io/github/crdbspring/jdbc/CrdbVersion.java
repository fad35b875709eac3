package io.github.crdbspring.jdbc;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A version of CockroachDB. Versions are ordered as in semantic versioning: a pre-release
 * comes before its release.
 *
 * @param major the year, such as 26
 * @param minor the number of the release in that year
 * @param patch the patch level
 * @param preRelease what follows the numbers, such as {@code alpha.3}, {@code null} for a
 * release
 * @since 0.1.0
 */
public record CrdbVersion(int major, int minor, int patch,
		@Nullable String preRelease) implements Comparable<CrdbVersion> {

	// Four digits keep toInt() within an int
	private static final Pattern VERSION = Pattern
		.compile("(?:^|\\s)v?(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})(?:-([0-9A-Za-z.-]+))?(?=$|[\\s+(])");

	private static final Comparator<CrdbVersion> ORDER = Comparator.comparingInt(CrdbVersion::major)
		.thenComparingInt(CrdbVersion::minor)
		.thenComparingInt(CrdbVersion::patch)
		.thenComparing(CrdbVersion::preRelease, Comparator.nullsLast(CrdbVersion::comparePreReleases));

	/**
	 * Find the version in a text such as the server's {@code version()} or
	 * {@code crdb_version}.
	 * @param versionString the text
	 * @return the version, or {@code null} if there is none in the text
	 */
	public static @Nullable CrdbVersion parse(String versionString) {
		Matcher matcher = VERSION.matcher(versionString);
		if (!matcher.find()) {
			return null;
		}
		return new CrdbVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)),
				Integer.parseInt(matcher.group(3)), matcher.group(4));
	}

	/**
	 * Return the version as one number, two digits each for minor and patch, so that
	 * 21.2.10 is 210210.
	 * @return the number
	 */
	public int toInt() {
		return this.major * 10_000 + this.minor * 100 + this.patch;
	}

	/**
	 * Whether this is the given release line or a later one. A pre-release counts as its
	 * release line.
	 * @param major the year
	 * @param minor the number of the release in that year
	 * @return {@code true} if the version is at least that
	 */
	public boolean isAtLeast(int major, int minor) {
		return this.major > major || (this.major == major && this.minor >= minor);
	}

	@Override
	public int compareTo(CrdbVersion other) {
		return ORDER.compare(this, other);
	}

	@Override
	public String toString() {
		String release = this.major + "." + this.minor + "." + this.patch;
		return (this.preRelease != null) ? release + "-" + this.preRelease : release;
	}

	private static int comparePreReleases(String left, String right) {
		String[] lefts = left.split("\\.");
		String[] rights = right.split("\\.");
		for (int i = 0; i < Math.min(lefts.length, rights.length); i++) {
			int result = compareIdentifiers(lefts[i], rights[i]);
			if (result != 0) {
				return result;
			}
		}
		return Integer.compare(lefts.length, rights.length);
	}

	private static int compareIdentifiers(String left, String right) {
		boolean leftNumeric = isNumeric(left);
		boolean rightNumeric = isNumeric(right);
		if (leftNumeric && rightNumeric) {
			int result = Integer.compare(left.length(), right.length());
			return (result != 0) ? result : left.compareTo(right);
		}
		if (leftNumeric != rightNumeric) {
			return leftNumeric ? -1 : 1;
		}
		return left.compareTo(right);
	}

	private static boolean isNumeric(String identifier) {
		return !identifier.isEmpty() && identifier.chars().allMatch((c) -> c >= '0' && c <= '9');
	}

}
