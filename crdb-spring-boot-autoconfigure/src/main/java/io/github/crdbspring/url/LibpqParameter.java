package io.github.crdbspring.url;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of a parameter of libpq: the driver's equal, or nothing if the driver does
 * not have it and its value is the default, or else a refusal that says what to do.
 *
 * @param driverName the driver's name, {@code null} if it has none
 * @param values gives the driver's value, {@code null} for one that is refused
 * @param refusal the reason
 * @see <a href=
 * "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS">PostgreSQL:
 * Parameter Key Words</a>
 */
record LibpqParameter(@Nullable String driverName, Function<String, @Nullable String> values, String refusal) {

	private static final String NO_EQUAL = " cannot be used, the PostgreSQL driver has no equal of it; ";

	private static final Map<String, LibpqParameter> ALL = new TreeMap<>();

	static {
		renamed("application_name", "ApplicationName");
		renamed("krbsrvname", "kerberosServerName");
		renamed("require_auth", "requireAuth");
		add("connect_timeout", "connectTimeout", LibpqParameter::seconds, " is not a number of seconds");
		chosen("sslmode", "sslmode", "disable", "allow", "prefer", "require", "verify-ca", "verify-full");
		chosen("sslnegotiation", "sslNegotiation", "postgres", "direct");
		chosen("channel_binding", "channelBinding", "disable", "prefer", "require");
		chosen("gssencmode", "gssEncMode", "disable", "allow", "prefer", "require");
		mapped("keepalives", "tcpKeepAlive", Map.of("0", "false", "1", "true"));
		mapped("load_balance_hosts", "loadBalanceHosts", Map.of("disable", "false", "random", "true"));
		mapped("target_session_attrs", "targetServerType", Map.of("any", "any", "primary", "primary", "read-write",
				"primary", "standby", "secondary", "read-only", "secondary", "prefer-standby", "preferSecondary"));
		refused("keepalives_idle", "the operating system sets it", "0");
		refused("keepalives_interval", "the operating system sets it", "0");
		refused("keepalives_count", "the operating system sets it", "0");
		refused("tcp_user_timeout", "use socketTimeout, which takes seconds", "0");
		refused("client_encoding", "it always uses UTF-8", "auto", "utf8", "utf-8", "unicode");
		refused("hostaddr", "name the server with host");
		refused("passfile", "name the file in the environment variable PGPASSFILE");
		refused("servicefile", "name the file in the environment variable PGSERVICEFILE");
		refused("requirepeer", "it is for Unix domain sockets", "");
		refused("sslcompression", "leave it out", "0");
		refused("sslsni", "the server's name is always sent", "1");
		refused("sslcertmode", "leave it out", "allow");
		refused("sslcrl", "use an SSL bundle", "");
		refused("sslcrldir", "use an SSL bundle", "");
		refused("sslkeylogfile", "leave it out", "");
		refused("ssl_min_protocol_version", "use an SSL bundle", "", "tlsv1", "tlsv1.1", "tlsv1.2");
		refused("ssl_max_protocol_version", "use an SSL bundle", "");
		refused("min_protocol_version", "leave it out", "3.0");
		refused("max_protocol_version", "leave it out", "3.0");
		refused("gssdelegation", "leave it out", "0");
		refused("scram_client_key", "use the password");
		refused("scram_server_key", "use the password");
		refused("oauth_issuer", "use another way to log in");
		refused("oauth_client_id", "use another way to log in");
		refused("oauth_client_secret", "use another way to log in");
		refused("oauth_scope", "use another way to log in");
		// The Go driver's
		refused("sslinline", "name files", "false");
	}

	/**
	 * Return a parameter that the driver names or means differently, or does not have.
	 */
	static @Nullable LibpqParameter find(String name) {
		return ALL.get(name);
	}

	/**
	 * The names of all that are named or meant differently.
	 */
	static Set<String> names() {
		return Collections.unmodifiableSet(ALL.keySet());
	}

	/**
	 * Return the driver's parameter, {@code null} if there is nothing to tell the driver.
	 */
	@Nullable UrlParameter translate(UrlParameter parameter) {
		String translated = this.values.apply(parameter.value());
		if (translated == null) {
			throw parameter.malformed(parameter.name() + this.refusal);
		}
		return (this.driverName != null) ? new UrlParameter(this.driverName, translated, parameter.place()) : null;
	}

	private static @Nullable String seconds(String value) {
		return value.matches("-[0-9]+") ? "0" : value.matches("[0-9]{1,6}") ? value : null;
	}

	private static void renamed(String name, String driverName) {
		add(name, driverName, (value) -> value, "");
	}

	private static void chosen(String name, String driverName, String... values) {
		mapped(name, driverName, Stream.of(values).collect(Collectors.toMap((value) -> value, (value) -> value)));
	}

	private static void mapped(String name, String driverName, Map<String, String> values) {
		add(name, driverName, (value) -> values.get(value.toLowerCase(Locale.ROOT)),
				" has a value that is none of " + String.join(", ", new TreeSet<>(values.keySet())));
	}

	private static void refused(String name, String advice, String... harmlessValues) {
		Set<String> harmless = Set.of(harmlessValues);
		add(name, null, (value) -> harmless.contains(value.toLowerCase(Locale.ROOT)) ? "" : null, NO_EQUAL + advice);
	}

	private static void add(String name, @Nullable String driverName, Function<String, @Nullable String> values,
			String refusal) {
		ALL.put(name, new LibpqParameter(driverName, values, refusal));
	}

}
