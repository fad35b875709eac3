package io.github.crdbspring.url;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * A database URL in any of the forms that people paste, taken apart for the PostgreSQL
 * driver.
 *
 * @param jdbcUrl the URL for the driver, without credentials
 * @param username the user, {@code null} if the URL names none
 * @param password the password, {@code null} if the URL has none
 * @param keyPassword the password of the client's private key ({@code sslpassword}),
 * {@code null} if the URL has none
 * @since 0.1.0
 */
public record CrdbUrl(String jdbcUrl, @Nullable String username, @Nullable String password,
		@Nullable String keyPassword) {

	/**
	 * Parse a URL: {@code postgresql://user:password@host:26257/database?sslmode=…} with
	 * the scheme {@code postgresql}, {@code postgres}, {@code cockroachdb} or
	 * {@code cockroach}, with or without {@code jdbc:} before it. There may be several
	 * hosts; without a port it is 26257, without a database {@code defaultdb}, and
	 * without a user {@code root} if {@code sslmode} is {@code disable}. Parameters of
	 * libpq become those of the driver, unknown ones are kept. With
	 * {@code sslrootcert=system}, and for CockroachDB Cloud without {@code sslrootcert},
	 * the server is verified against the JVM's trust store.
	 * @param url the URL
	 * @return its parts
	 * @throws InvalidCrdbUrlException if it is not such a URL; the message says where,
	 * and repeats nothing of it
	 */
	public static CrdbUrl parse(String url) {
		return new CrdbUrlParser(url, null).parse();
	}

	/**
	 * Parse a URL for connections whose TLS sockets the application makes. Without an
	 * {@code sslmode} the server is verified, host name included.
	 * @param url the URL, which must not name files for TLS, nor an {@code sslmode} that
	 * does not insist on TLS
	 * @param tls what makes the sockets
	 * @return its parts
	 * @throws InvalidCrdbUrlException if it is not such a URL; the message says where,
	 * and repeats nothing of it
	 */
	public static CrdbUrl parse(String url, TlsHandover tls) {
		return new CrdbUrlParser(url, tls).parse();
	}

	/**
	 * Read the files that the URL names for TLS, to find out before any connection is
	 * opened what is wrong with them.
	 * @return this URL, or one that also tells the driver the algorithm of a client key
	 * that it would take for another one's
	 * @throws InvalidTlsFileException if a file is missing, or is not what it has to be
	 * @throws InvalidClientKeyException if a client key is not in a format that the
	 * driver reads; the message says how to convert it
	 */
	public CrdbUrl checkFiles() {
		String algorithm = TlsFiles.check(this.jdbcUrl, this.keyPassword);
		return (algorithm != null) ? with("pemKeyAlgorithm", algorithm) : this;
	}

	/**
	 * Let the driver ask the application for the password of the client's private key,
	 * since the URL must not contain it.
	 * @param handover where the driver finds the password
	 * @return a URL that points there
	 */
	public CrdbUrl withKeyPasswordFrom(TlsHandover handover) {
		return with("sslpasswordcallback", ClientKeyPasswordCallback.class.getName())
			.with(ClientKeyPasswordCallback.HANDOVER_PARAMETER, handover.key());
	}

	private CrdbUrl with(String parameter, String value) {
		String added = this.jdbcUrl + ((this.jdbcUrl.indexOf('?') >= 0) ? "&" : "?") + parameter + "=" + encode(value);
		return new CrdbUrl(added, this.username, this.password, this.keyPassword);
	}

	static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	@Override
	public String toString() {
		return "CrdbUrl[jdbcUrl=" + this.jdbcUrl + ", username=" + this.username + ", password=" + mask(this.password)
				+ ", keyPassword=" + mask(this.keyPassword) + "]";
	}

	private static @Nullable String mask(@Nullable String secret) {
		return (secret != null) ? "******" : null;
	}

}
