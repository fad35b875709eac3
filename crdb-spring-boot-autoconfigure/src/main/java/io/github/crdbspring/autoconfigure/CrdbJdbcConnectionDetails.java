package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.jdbc.CrdbUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * Connection details from {@code crdb.url}; a user name and a password of their own beat
 * those of the URL.
 */
final class CrdbJdbcConnectionDetails implements JdbcConnectionDetails {

	private final CrdbUrl url;

	private final @Nullable String username;

	private final @Nullable String password;

	CrdbJdbcConnectionDetails(CrdbProperties properties) {
		Assert.state(properties.getUrl() != null, "'crdb.url' must be set");
		this.url = parse(properties.getUrl());
		this.username = StringUtils.hasText(properties.getUsername()) ? properties.getUsername() : this.url.username();
		this.password = StringUtils.hasText(properties.getPassword()) ? properties.getPassword() : this.url.password();
	}

	private static CrdbUrl parse(String url) {
		try {
			return CrdbUrl.parse(url);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("crdb.url: " + ex.getMessage());
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
		return this.url.jdbcUrl();
	}

}
