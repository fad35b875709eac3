package io.github.crdbspring.url;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * The parameters of a database URL, under the driver's names.
 */
final class UrlParameters {

	/**
	 * The names that are known, by their lower case: to the driver a name in another case
	 * would be an unknown one, and {@code sslMode=verify-full} would verify nothing.
	 */
	private static final Map<String, String> NAMES = new TreeMap<>();

	static {
		for (PGProperty property : PGProperty.values()) {
			NAMES.put(property.getName().toLowerCase(Locale.ROOT), property.getName());
		}
		LibpqParameter.names().forEach((name) -> NAMES.put(name, name));
		NAMES.putAll(Map.of("host", "host", "pghost", "host", "port", "port", "pgport", "port", "dbname", "dbname",
				"pgdbname", "dbname", "fallback_application_name", "fallback_application_name"));
	}

	private static final Pattern SECRET_NAME = Pattern.compile("(?i)pass|pwd|secret|token");

	private final Map<String, UrlParameter> parameters = new LinkedHashMap<>();

	static UrlParameters parse(UrlPart query, boolean plusIsSpace) {
		UrlParameters parsed = new UrlParameters();
		UrlPart rest = query;
		while (!rest.isEmpty()) {
			UrlPart parameter = rest.until(rest.find("&"));
			if (!parameter.isEmpty()) {
				parsed.add(parameter, plusIsSpace);
			}
			rest = rest.from(parameter.end() + 1);
		}
		UrlParameter fallback = parsed.take("fallback_application_name");
		if (fallback != null && parsed.find("ApplicationName") == null) {
			parsed.put(new UrlParameter("ApplicationName", fallback.value(), fallback.place()));
		}
		return parsed;
	}

	private void add(UrlPart part, boolean plusIsSpace) {
		UrlPart namePart = part.until(part.find("="));
		UrlPart valuePart = part.from(namePart.end() + 1);
		String given = namePart.decode(plusIsSpace);
		String known = NAMES.get(given.toLowerCase(Locale.ROOT));
		if (known == null) {
			checkUnknown(part, given);
		}
		UrlParameter parameter = new UrlParameter((known != null) ? known : given, valuePart.decode(plusIsSpace), part);
		LibpqParameter libpqParameter = (known != null) ? LibpqParameter.find(known) : null;
		UrlParameter translated = (libpqParameter != null) ? libpqParameter.translate(parameter) : parameter;
		if (translated != null) {
			put(translated);
		}
	}

	private static void checkUnknown(UrlPart part, String name) {
		if (part.contains('@')) {
			throw part.malformed(part.find("@"), "there is an '@' behind a '?'; percent-encode special characters of "
					+ "user and password, and write an '@' in a parameter %40");
		}
		if (name.isEmpty()) {
			throw part.malformed("a parameter's name is missing");
		}
		if (SECRET_NAME.matcher(name).find()) {
			throw part.malformed("a parameter looks like a secret, and the driver does not know it; the password's "
					+ "parameter is password, that of a client key sslpassword");
		}
	}

	/**
	 * Set a parameter that is not set to something else.
	 */
	void put(UrlParameter parameter) {
		UrlParameter other = this.parameters.putIfAbsent(parameter.name(), parameter);
		if (other != null && !other.value().equals(parameter.value())) {
			throw parameter.malformed("a parameter is given twice, with different values");
		}
	}

	/**
	 * Set a parameter, whatever it was.
	 */
	void set(String name, String value, UrlPart place) {
		this.parameters.put(name, new UrlParameter(name, value, place));
	}

	@Nullable UrlParameter find(String name) {
		return this.parameters.get(name);
	}

	@Nullable String value(String name) {
		UrlParameter parameter = find(name);
		return (parameter != null) ? parameter.value() : null;
	}

	@Nullable UrlParameter take(String name) {
		return this.parameters.remove(name);
	}

	/**
	 * Write the query as the driver reads it.
	 */
	String toQuery() {
		StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
		this.parameters.values()
			.forEach((parameter) -> query
				.add(CrdbUrl.encode(parameter.name()) + "=" + CrdbUrl.encode(parameter.value())));
		return query.toString();
	}

}
