package io.github.crdbspring.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * A database URL in any of the forms that people paste, taken apart for the PostgreSQL
 * driver.
 *
 * @param jdbcUrl the URL for the driver, without credentials
 * @param username the user, {@code null} if the URL names none
 * @param password the password, {@code null} if the URL has none
 * @since 0.1.0
 */
public record CrdbUrl(String jdbcUrl, @Nullable String username, @Nullable String password) {

	/**
	 * Parse a URL: {@code postgresql://user:password@host:26257/database?sslmode=…} with
	 * the scheme {@code postgresql}, {@code postgres}, {@code cockroachdb} or
	 * {@code cockroach}, with or without {@code jdbc:} before it. There may be several
	 * hosts; without a port it is 26257, without a database {@code defaultdb}, and
	 * without a user {@code root} if {@code sslmode} is {@code disable}. Parameter names
	 * of libpq become those of the driver, others are kept.
	 * @param url the URL
	 * @return its parts
	 * @throws IllegalArgumentException if it is not such a URL; the message says where,
	 * and never contains the password
	 */
	public static CrdbUrl parse(String url) {
		return new CrdbUrlParser(url).parse();
	}

	@Override
	public String toString() {
		return "CrdbUrl[jdbcUrl=" + this.jdbcUrl + ", username=" + this.username + ", password="
				+ ((this.password != null) ? "******" : null) + "]";
	}

}
