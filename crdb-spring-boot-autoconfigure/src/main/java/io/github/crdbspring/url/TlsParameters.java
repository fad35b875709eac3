package io.github.crdbspring.url;

import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/**
 * Settles how a URL's connections are encrypted, and against what the server is verified.
 */
final class TlsParameters {

	private static final Set<String> NOT_INSISTING = Set.of("disable", "allow", "prefer");

	private static final List<String> FILES = List.of("sslrootcert", "sslcert", "sslkey");

	private final UrlParameters parameters;

	private final UrlPart url;

	private TlsParameters(UrlParameters parameters, UrlPart url) {
		this.parameters = parameters;
		this.url = url;
	}

	static void settle(UrlParameters parameters, UrlPart url, boolean cloud, boolean jdbc, @Nullable TlsHandover tls) {
		TlsParameters settled = new TlsParameters(parameters, url);
		settled.checkFileNames();
		if (tls != null) {
			settled.useSocketsOf(tls);
		}
		else if ("system".equals(parameters.value("sslrootcert"))) {
			settled.useSystemTrust();
		}
		else if (cloud && settled.isVerifiedByDefault()) {
			settled.useSystemTrustStore();
		}
		else if (!jdbc && "require".equals(parameters.value("sslmode")) && parameters.find("sslrootcert") != null) {
			// To libpq, but not to the driver, a root certificate means that it is used
			parameters.set("sslmode", "verify-ca", url);
		}
	}

	private void checkFileNames() {
		for (String name : FILES) {
			UrlParameter file = this.parameters.find(name);
			if (file != null && (file.value().contains("-----BEGIN") || file.value().indexOf('\n') >= 0)) {
				throw file.malformed(name + " must name a file, but seems to be its content");
			}
		}
	}

	private void useSocketsOf(TlsHandover tls) {
		String mode = mode();
		if (mode != null && NOT_INSISTING.contains(mode)) {
			throw place("sslmode", "ssl").malformed("sslmode does not insist on TLS, but an SSL bundle is to be used; "
					+ "leave one of them out, or use sslmode=verify-full");
		}
		for (String name : List.of("sslrootcert", "sslcert", "sslkey", "sslpassword", "sslpasswordcallback",
				"sslfactory", "sslfactoryarg")) {
			UrlParameter parameter = this.parameters.find(name);
			if (parameter != null) {
				throw parameter.malformed(name + " cannot be used together with an SSL bundle; leave one of them out");
			}
		}
		set("sslfactory", CrdbSslSocketFactory.class.getName());
		set("sslfactoryarg", tls.key());
		set("sslmode", (mode != null) ? mode : "verify-full");
	}

	private void useSystemTrust() {
		String mode = mode();
		if (mode != null && !mode.equals("verify-full")) {
			throw place("sslmode", "ssl")
				.malformed("sslrootcert=system verifies the server in full; use sslmode=verify-full, or none");
		}
		if (this.parameters.find("sslfactory") != null) {
			throw place("sslfactory").malformed("sslfactory cannot be used together with sslrootcert=system");
		}
		useSystemTrustStore();
	}

	private boolean isVerifiedByDefault() {
		String mode = mode();
		return (mode == null || mode.startsWith("verify-")) && this.parameters.find("sslrootcert") == null
				&& this.parameters.find("sslfactory") == null;
	}

	private void useSystemTrustStore() {
		this.parameters.take("sslrootcert");
		set("sslmode", "verify-full");
		if (!isSet("sslcert") && !isSet("sslkey")) {
			set("sslfactory", DefaultJavaSSLFactory.class.getName());
			return;
		}
		if (isSet("sslpasswordcallback")) {
			throw place("sslpasswordcallback").malformed("sslpasswordcallback cannot be used when the server is "
					+ "verified against the JVM's trust store; use sslpassword");
		}
		set("sslfactory", CrdbSslSocketFactory.class.getName());
		this.parameters.take("sslfactoryarg");
	}

	/**
	 * The {@code sslmode} as the driver sees it, {@code null} if the URL says nothing.
	 */
	private @Nullable String mode() {
		String mode = this.parameters.value("sslmode");
		String ssl = this.parameters.value("ssl");
		if (mode != null || ssl == null) {
			return mode;
		}
		return (ssl.isEmpty() || Boolean.parseBoolean(ssl)) ? "verify-full" : "prefer";
	}

	private UrlPart place(String... names) {
		for (String name : names) {
			UrlParameter parameter = this.parameters.find(name);
			if (parameter != null) {
				return parameter.place();
			}
		}
		return this.url;
	}

	private boolean isSet(String name) {
		String value = this.parameters.value(name);
		return value != null && !value.isEmpty();
	}

	private void set(String name, String value) {
		this.parameters.set(name, value, this.url);
	}

}
