package io.github.crdbspring.autoconfigure;

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
 * those of the URL.
 */
final class CrdbJdbcConnectionDetails implements JdbcConnectionDetails, DisposableBean {

	private final String jdbcUrl;

	private final @Nullable String username;

	private final @Nullable String password;

	/**
	 * What the driver takes from us by itself. The pool depends on this bean, and so is
	 * closed before it.
	 */
	private final @Nullable TlsHandover handover;

	private CrdbJdbcConnectionDetails(CrdbProperties properties, CrdbUrl url, @Nullable TlsHandover handover) {
		this.jdbcUrl = url.jdbcUrl();
		this.username = StringUtils.hasText(properties.getUsername()) ? properties.getUsername() : url.username();
		this.password = StringUtils.hasText(properties.getPassword()) ? properties.getPassword() : url.password();
		this.handover = handover;
	}

	static CrdbJdbcConnectionDetails create(CrdbProperties properties, String url) {
		CrdbUrl parsed = parse(url, null).checkFiles();
		if (parsed.keyPassword() == null) {
			return new CrdbJdbcConnectionDetails(properties, parsed, null);
		}
		TlsHandover handover = TlsHandover.ofKeyPassword(parsed.keyPassword());
		return new CrdbJdbcConnectionDetails(properties, parsed.withKeyPasswordFrom(handover), handover);
	}

	static CrdbJdbcConnectionDetails create(CrdbProperties properties, String url, String bundle, SslBundles bundles) {
		TlsHandover handover = TlsHandover.ofSocketFactory(new SslBundleSocketFactory(bundles.getBundle(bundle)));
		try {
			bundles.addBundleUpdateHandler(bundle,
					(updated) -> handover.replaceSocketFactory(new SslBundleSocketFactory(updated)));
			return new CrdbJdbcConnectionDetails(properties, parse(url, handover), handover);
		}
		catch (RuntimeException ex) {
			handover.close();
			throw ex;
		}
	}

	private static CrdbUrl parse(String url, @Nullable TlsHandover handover) {
		try {
			return (handover != null) ? CrdbUrl.parse(url, handover) : CrdbUrl.parse(url);
		}
		catch (InvalidCrdbUrlException ex) {
			throw new InvalidCrdbUrlException("crdb.url: " + ex.getMessage(), ex.getPosition());
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
