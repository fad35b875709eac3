package io.github.crdbspring.jdbc;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Takes a database URL apart. Messages name the place of a mistake and quote nothing,
 * since any part may turn out to be a piece of a badly encoded password.
 */
final class CrdbUrlParser {

	private static final String DEFAULT_PORT = "26257";

	private static final String DEFAULT_DATABASE = "defaultdb";

	private static final Pattern URL = Pattern
		.compile("(?<jdbc>jdbc:)?(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?<authority>[^/?#]*)(?:/(?<database>[^?#]*))?"
				+ "(?:\\?(?<query>[^#]*))?(?<fragment>#.*)?", Pattern.DOTALL);

	private static final Pattern HOST = Pattern
		.compile("(?<host>\\[[0-9A-Fa-f:.%]+]|[^:\\[\\]%\\s\\p{Cntrl}]+)(?::(?<port>[0-9]{1,5}))?");

	private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

	/**
	 * The driver's names of libpq's parameters.
	 *
	 * @see <a href=
	 * "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS">PostgreSQL:
	 * Parameter Key Words</a>
	 */
	private static final Map<String, String> DRIVER_NAMES = Map.of("application_name", "ApplicationName",
			"connect_timeout", "connectTimeout", "channel_binding", "channelBinding", "gssencmode", "gssEncMode");

	private final String url;

	CrdbUrlParser(String url) {
		this.url = url.strip();
	}

	CrdbUrl parse() {
		Matcher matcher = URL.matcher(this.url);
		if (!matcher.matches()) {
			throw malformed("it does not start with postgresql://host, jdbc:postgresql://host or the like");
		}
		checkScheme(matcher.group("scheme"));
		if (matcher.group("fragment") != null) {
			throw malformed("a '#' after the address must be written %23");
		}
		// In libpq's URLs a plus is a plus, in the driver's it is a space
		boolean plusIsSpace = matcher.group("jdbc") != null;
		Map<String, String> parameters = parameters(matcher.group("query"), plusIsSpace);
		String authority = matcher.group("authority");
		int at = authority.lastIndexOf('@');
		String username = parameters.remove("user");
		String password = parameters.remove("password");
		if (at >= 0) {
			String[] credentials = authority.substring(0, at).split(":", 2);
			username = decode(credentials[0], "the user", false);
			password = (credentials.length > 1) ? decode(credentials[1], "the password", false) : password;
		}
		if ((username == null || username.isEmpty()) && "disable".equals(parameters.get("sslmode"))) {
			username = "root";
		}
		String jdbcUrl = "jdbc:postgresql://" + hosts(authority.substring(at + 1)) + "/"
				+ encode(database(matcher.group("database"), plusIsSpace)) + query(parameters);
		return new CrdbUrl(jdbcUrl, emptyToNull(username), emptyToNull(password));
	}

	private static void checkScheme(String scheme) {
		switch (scheme.toLowerCase(Locale.ROOT)) {
			case "postgresql", "postgres", "cockroachdb", "cockroach" -> {
			}
			default -> throw malformed("its scheme is unknown; use postgresql");
		}
	}

	private static String hosts(String text) {
		StringJoiner hosts = new StringJoiner(",");
		for (String host : text.split(",", -1)) {
			Matcher matcher = HOST.matcher(host);
			if (!matcher.matches()) {
				throw malformed(host.isEmpty() ? "a host is missing" : "a host is not valid; write a port as a number, "
						+ "an IPv6 address in brackets, and percent-encode special characters of user and password");
			}
			String port = matcher.group("port");
			if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535)) {
				throw malformed("a port is not between 1 and 65535");
			}
			hosts.add(matcher.group("host") + ":" + ((port != null) ? port : DEFAULT_PORT));
		}
		return hosts.toString();
	}

	private static String database(@Nullable String text, boolean plusIsSpace) {
		if (text == null || text.isEmpty()) {
			return DEFAULT_DATABASE;
		}
		if (text.indexOf('@') >= 0) {
			throw malformed("there is an '@' behind the host; percent-encode special characters of user and password");
		}
		return decode(text, "the database", plusIsSpace);
	}

	private static Map<String, String> parameters(@Nullable String query, boolean plusIsSpace) {
		Map<String, String> parameters = new LinkedHashMap<>();
		if (query == null || query.isEmpty()) {
			return parameters;
		}
		for (String parameter : query.split("&")) {
			if (parameter.isEmpty()) {
				continue;
			}
			String[] nameAndValue = parameter.split("=", 2);
			if (nameAndValue[0].indexOf('@') >= 0) {
				throw malformed("there is an '@' behind a '?'; percent-encode special characters of user and password");
			}
			String name = decode(nameAndValue[0], "a parameter's name", plusIsSpace);
			String value = (nameAndValue.length > 1) ? decode(nameAndValue[1], "a parameter's value", plusIsSpace) : "";
			parameters.put(DRIVER_NAMES.getOrDefault(name, name), value);
		}
		return parameters;
	}

	private static String query(Map<String, String> parameters) {
		if (parameters.isEmpty()) {
			return "";
		}
		StringJoiner query = new StringJoiner("&", "?", "");
		parameters.forEach((name, value) -> query.add(encode(name) + "=" + encode(value)));
		return query.toString();
	}

	private static String decode(String text, String what, boolean plusIsSpace) {
		if (BAD_ESCAPE.matcher(text).find()) {
			throw malformed(what + " has a '%' that is not followed by two hexadecimal digits; a plain '%' is "
					+ "written %25");
		}
		return URLDecoder.decode(plusIsSpace ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static @Nullable String emptyToNull(@Nullable String text) {
		return (text != null && !text.isEmpty()) ? text : null;
	}

	private static IllegalArgumentException malformed(String reason) {
		return new IllegalArgumentException("The database URL is not valid: " + reason);
	}

}
