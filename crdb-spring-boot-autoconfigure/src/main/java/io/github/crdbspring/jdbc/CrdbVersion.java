package io.github.crdbspring.jdbc;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A version of CockroachDB. Versions are ordered as CockroachDB orders them: alpha, beta,
 * rc and cloud-only versions come before their release, a build of later commits, such as
 * {@code 22.1.22-25-g24e7b94071}, after what it was built on.
 *
 * @param major the year, such as 26
 * @param minor the number of the release in that year
 * @param patch the patch level
 * @param preRelease what follows the numbers, such as {@code alpha.3}, {@code null} for a
 * plain release
 * @since 0.1.0
 */
public record CrdbVersion(int major, int minor, int patch,
		@Nullable String preRelease) implements Comparable<CrdbVersion> {

	// Four digits keep toInt() within an int. The last two forms are those of
	// pre-releases up to 2.0, which had
	// no patch level, and of the images that are named after their digest
	private static final Pattern VERSION = Pattern
		.compile("(?:^v?|\\sv|:latest-v)(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4})|(?=-(?:alpha|beta|rc)\\.|-build\\b))"
				+ "(?:-([0-9A-Za-z.-]+))?(?=$|[\\s+(])");

	private static final Comparator<CrdbVersion> ORDER = Comparator.comparingInt(CrdbVersion::major)
		.thenComparingInt(CrdbVersion::minor)
		.thenComparingInt(CrdbVersion::patch)
		.thenComparing((version) -> VersionSuffix.parse(version.preRelease()));

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
				(matcher.group(3) != null) ? Integer.parseInt(matcher.group(3)) : 0, matcher.group(4));
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

}
