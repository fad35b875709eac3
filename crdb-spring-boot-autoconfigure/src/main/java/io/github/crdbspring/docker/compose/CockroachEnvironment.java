package io.github.crdbspring.docker.compose;

import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * What the environment variables of a CockroachDB container say about the database and
 * the user that its entry script makes. As in the script, an empty variable is an unset
 * one.
 *
 * @param database the database to connect to
 * @param username the user to connect as
 * @param password the user's password, {@code null} if there is none
 */
record CockroachEnvironment(String database, String username, @Nullable String password) {

	static CockroachEnvironment of(Map<String, ? extends @Nullable String> variables) {
		String database = variables.get("COCKROACH_DATABASE");
		String username = variables.get("COCKROACH_USER");
		String password = variables.get("COCKROACH_PASSWORD");
		if (!StringUtils.hasLength(username)) {
			// The script gives a password to no other user than the one it makes
			return new CockroachEnvironment(nameOf(database), "root", null);
		}
		return new CockroachEnvironment(nameOf(database), username, StringUtils.hasLength(password) ? password : null);
	}

	/**
	 * The script creates the database without quoting its name, which folds it to lower
	 * case.
	 */
	private static String nameOf(@Nullable String database) {
		return StringUtils.hasLength(database) ? database.toLowerCase(Locale.ROOT) : "defaultdb";
	}

	@Override
	public String toString() {
		return "CockroachEnvironment[database=" + this.database + ", username=" + this.username + ", password="
				+ ((this.password != null) ? "******" : null) + "]";
	}

}
