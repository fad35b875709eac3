package io.github.crdbspring.url;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Takes a database URL apart. Messages name the place of a mistake and quote nothing,
 * since any part may turn out to be a piece of a badly encoded password.
 */
final class CrdbUrlParser {

	private static final String DEFAULT_DATABASE = "defaultdb";

	private static final Pattern SCHEME = Pattern.compile("(?<jdbc>(?i:jdbc):)?(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://");

	private static final String ENCODE_CREDENTIALS = "percent-encode special characters of user and password";

	private final UrlPart url;

	private final @Nullable TlsHandover tls;

	CrdbUrlParser(String url, @Nullable TlsHandover tls) {
		int end = url.stripTrailing().length();
		this.url = new UrlPart(url, Math.min(url.length() - url.stripLeading().length(), end), end);
		this.tls = tls;
	}

	CrdbUrl parse() {
		Matcher matcher = SCHEME.matcher(this.url.text());
		if (!matcher.lookingAt()) {
			throw this.url.malformed("it does not start with postgresql://host, jdbc:postgresql://host or the like");
		}
		checkScheme(matcher.group("scheme"), this.url.from(this.url.start() + matcher.start("scheme")));
		checkCharacters();
		// In libpq's URLs a plus is a plus, in the driver's it is a space
		boolean jdbc = matcher.group("jdbc") != null;
		UrlPart rest = this.url.from(this.url.start() + matcher.end());
		UrlPart authority = rest.until(rest.find("/?"));
		UrlPart path = rest.until(rest.find("?")).from(authority.end());
		UrlPart query = rest.from(path.end() + 1);
		checkAts(authority, path, query);
		UrlParameters parameters = UrlParameters.parse(query, jdbc);
		UrlPart userInfo = authority.until(Math.max(authority.findLast('@'), authority.start()));
		UrlPart servers = authority.from((authority.findLast('@') >= 0) ? userInfo.end() + 1 : authority.start());
		UrlPart userPart = userInfo.until(userInfo.find(":"));
		String username = merge(userPart, false, parameters.take("user"), "the user");
		String password = merge(userInfo.from(userPart.end() + 1), false, parameters.take("password"), "the password");
		String database = merge(path.from(path.start() + 1), jdbc, parameters.take("dbname"), "the database");
		CrdbUrlAddress address = CrdbUrlAddress.parse(servers, parameters.take("host"), parameters.take("port"));
		TlsParameters.settle(parameters, this.url, address.isCloud(), jdbc, this.tls);
		UrlParameter keyPassword = parameters.take("sslpassword");
		if (username == null && "disable".equals(parameters.value("sslmode"))) {
			username = "root";
		}
		String jdbcUrl = "jdbc:postgresql://" + address + "/"
				+ CrdbUrl.encode((database != null) ? database : DEFAULT_DATABASE) + parameters.toQuery();
		return new CrdbUrl(jdbcUrl, username, password, (keyPassword != null) ? keyPassword.value() : null);
	}

	private static void checkScheme(String scheme, UrlPart place) {
		switch (scheme.toLowerCase(Locale.ROOT)) {
			case "postgresql", "postgres", "cockroachdb", "cockroach" -> {
			}
			default -> throw place.malformed("its scheme is unknown; use postgresql");
		}
	}

	private void checkCharacters() {
		if (this.url.contains('#')) {
			throw this.url.malformed(this.url.find("#"), "a '#' must be written %23");
		}
		int index = this.url.start();
		while (index < this.url.end()) {
			int codePoint = this.url.url().codePointAt(index);
			if (Character.getType(codePoint) == Character.SURROGATE) {
				throw this.url.malformed(index, "half of a character stands there");
			}
			index += Character.charCount(codePoint);
		}
	}

	/**
	 * Refuse what may be a password with special characters in it, rather than take a
	 * piece of it for something else.
	 */
	private static void checkAts(UrlPart authority, UrlPart path, UrlPart query) {
		if (path.contains('@')) {
			throw path.malformed(authority.contains('@') ? path.find("@") : path.start(),
					"there is an '@' behind a '/'; " + ENCODE_CREDENTIALS);
		}
		if (path.isEmpty() && !authority.contains('@') && query.contains('@')) {
			throw path.malformed("there is an '@' behind a '?'; " + ENCODE_CREDENTIALS);
		}
	}

	private static @Nullable String merge(UrlPart part, boolean plusIsSpace, @Nullable UrlParameter parameter,
			String what) {
		String value = part.decode(plusIsSpace);
		if (parameter == null || parameter.value().isEmpty()) {
			return value.isEmpty() ? null : value;
		}
		if (!value.isEmpty() && !value.equals(parameter.value())) {
			throw parameter.malformed(what + " is given twice, with different values");
		}
		return parameter.value();
	}

}
