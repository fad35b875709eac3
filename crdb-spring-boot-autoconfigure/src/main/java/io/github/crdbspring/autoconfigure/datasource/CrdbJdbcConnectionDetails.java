package io.github.crdbspring.autoconfigure.datasource;

import io.github.crdbspring.url.CrdbUrl;
import io.github.crdbspring.url.InvalidCrdbUrlException;
import io.github.crdbspring.url.TlsHandover;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * Connection details from {@code crdb.url}; a user name and a password of their own beat
 * those of the URL. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class CrdbJdbcConnectionDetails implements JdbcConnectionDetails, DisposableBean {

	private static final String URL = "crdb.url";

	private final String jdbcUrl;

	private final @Nullable String username;

	private final @Nullable String password;

	/**
	 * What the driver takes from us by itself. The pool depends on this bean, and so is
	 * closed before it.
	 */
	private final @Nullable TlsHandover handover;

	private CrdbJdbcConnectionDetails(CrdbUrl url, @Nullable String username, @Nullable String password,
			@Nullable TlsHandover handover) {
		this.jdbcUrl = url.jdbcUrl();
		this.username = StringUtils.hasText(username) ? username : url.username();
		this.password = StringUtils.hasText(password) ? password : url.password();
		this.handover = handover;
	}

	/**
	 * Create connection details.
	 * @param url the URL, in any form
	 * @param username the user, {@code null} for that of the URL
	 * @param password the password, {@code null} for that of the URL
	 * @return the connection details
	 */
	public static CrdbJdbcConnectionDetails create(String url, @Nullable String username, @Nullable String password) {
		return create(URL, url, username, password);
	}

	/**
	 * Create connection details.
	 * @param property the property that has the URL
	 * @param url the URL, in any form
	 * @param username the user, {@code null} for that of the URL
	 * @param password the password, {@code null} for that of the URL
	 * @return the connection details
	 */
	public static CrdbJdbcConnectionDetails create(String property, String url, @Nullable String username,
			@Nullable String password) {
		CrdbUrl parsed = parse(property, url, null).checkFiles();
		if (parsed.keyPassword() == null) {
			return new CrdbJdbcConnectionDetails(parsed, username, password, null);
		}
		TlsHandover handover = TlsHandover.ofKeyPassword(parsed.keyPassword());
		return new CrdbJdbcConnectionDetails(parsed.withKeyPasswordFrom(handover), username, password, handover);
	}

	/**
	 * Create connection details with an SSL bundle.
	 * @param url the URL, in any form, without TLS files
	 * @param username the user, {@code null} for that of the URL
	 * @param password the password, {@code null} for that of the URL
	 * @param bundle the name of the bundle
	 * @param bundles where the bundle is
	 * @return the connection details
	 */
	public static CrdbJdbcConnectionDetails create(String url, @Nullable String username, @Nullable String password,
			String bundle, SslBundles bundles) {
		return create(URL, url, username, password, bundle, bundles);
	}

	/**
	 * Create connection details with an SSL bundle.
	 * @param property the property that has the URL
	 * @param url the URL, in any form, without TLS files
	 * @param username the user, {@code null} for that of the URL
	 * @param password the password, {@code null} for that of the URL
	 * @param bundle the name of the bundle
	 * @param bundles where the bundle is
	 * @return the connection details
	 */
	public static CrdbJdbcConnectionDetails create(String property, String url, @Nullable String username,
			@Nullable String password, String bundle, SslBundles bundles) {
		TlsHandover handover = TlsHandover.ofSocketFactory(new SslBundleSocketFactory(bundles.getBundle(bundle)));
		try {
			bundles.addBundleUpdateHandler(bundle,
					(updated) -> handover.replaceSocketFactory(new SslBundleSocketFactory(updated)));
			return new CrdbJdbcConnectionDetails(parse(property, url, handover), username, password, handover);
		}
		catch (RuntimeException ex) {
			handover.close();
			throw ex;
		}
	}

	private static CrdbUrl parse(String property, String url, @Nullable TlsHandover handover) {
		try {
			return (handover != null) ? CrdbUrl.parse(url, handover) : CrdbUrl.parse(url);
		}
		catch (InvalidCrdbUrlException ex) {
			throw new InvalidCrdbUrlException(property + ": " + ex.getMessage(), ex.getPosition());
		}
	}

	@Override
	public @Nullable String getUsername() {
		return this.username;
	}

	@Override
	public @Nullable String getPassword() {
		return this.password;
	}

	@Override
	public String getJdbcUrl() {
		return this.jdbcUrl;
	}

	@Override
	public void destroy() {
		if (this.handover != null) {
			this.handover.close();
		}
	}

}
