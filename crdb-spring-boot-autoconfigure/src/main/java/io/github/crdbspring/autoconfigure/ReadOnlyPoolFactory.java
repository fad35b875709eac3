package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.autoconfigure.datasource.CrdbJdbcConnectionDetails;
import io.github.crdbspring.autoconfigure.datasource.ReadOnlyPool;
import io.github.crdbspring.jdbc.CrdbCredentials;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * Makes the pool for read-only transactions out of its properties, and of those of
 * {@code crdb.url} where it has none.
 */
final class ReadOnlyPoolFactory {

	private static final String URL = "crdb.read-only.url";

	private final CrdbReadOnlyProperties properties;

	private final CrdbProperties crdbProperties;

	private final @Nullable CrdbJdbcConnectionDetails other;

	private final ObjectProvider<SslBundles> sslBundles;

	/**
	 * Create a new instance.
	 * @param other the details of the other pool, {@code null} if it is not that of
	 * {@code crdb.url}
	 */
	ReadOnlyPoolFactory(CrdbReadOnlyProperties properties, CrdbProperties crdbProperties,
			@Nullable CrdbJdbcConnectionDetails other, ObjectProvider<SslBundles> sslBundles) {
		this.properties = properties;
		this.crdbProperties = crdbProperties;
		this.other = other;
		this.sslBundles = sslBundles;
	}

	ReadOnlyPool create(@Nullable CrdbCredentials credentials) {
		CrdbJdbcConnectionDetails details = details();
		ReadOnlyPool pool = new ReadOnlyPool(details, this.properties.isFollowerReads());
		boolean ownUser = StringUtils.hasText(this.properties.getUsername())
				|| (StringUtils.hasText(this.properties.getUrl()) && details.getUsername() != null);
		if (!ownUser && this.other != null) {
			pool.setUsername(this.other.getUsername());
			pool.setPassword(this.other.getPassword());
			if (credentials != null) {
				pool.ask(credentials);
			}
		}
		return pool;
	}

	private CrdbJdbcConnectionDetails details() {
		boolean ownUrl = StringUtils.hasText(this.properties.getUrl());
		String url = ownUrl ? this.properties.getUrl() : this.crdbProperties.getUrl();
		if (!StringUtils.hasText(url) || (!ownUrl && this.other == null)) {
			throw new InvalidConfigurationPropertyValueException(URL, this.properties.getUrl(),
					"It must be set, since crdb.url is not, or something else wins over it.");
		}
		String property = ownUrl ? URL : "crdb.url";
		String bundle = StringUtils.hasText(this.properties.getSsl().getBundle()) ? this.properties.getSsl().getBundle()
				: this.crdbProperties.getSsl().getBundle();
		return StringUtils.hasText(bundle)
				? CrdbJdbcConnectionDetails.create(property, url, this.properties.getUsername(),
						this.properties.getPassword(), bundle, this.sslBundles.getObject())
				: CrdbJdbcConnectionDetails.create(property, url, this.properties.getUsername(),
						this.properties.getPassword());
	}

}
