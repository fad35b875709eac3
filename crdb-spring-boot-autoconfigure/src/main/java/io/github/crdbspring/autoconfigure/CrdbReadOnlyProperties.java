package io.github.crdbspring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties for the pool to which read-only transactions go.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("crdb.read-only")
public class CrdbReadOnlyProperties {

	/**
	 * Whether read-only transactions go to a pool of their own. On if there is a URL for
	 * it.
	 */
	private @Nullable Boolean enabled;

	/**
	 * URL of the database that read-only transactions read, such as one of another host,
	 * another region or a standby. That of crdb.url by default.
	 */
	private @Nullable String url;

	/**
	 * User of the database. Wins over the one in the URL. If there is none, user and
	 * credentials are those of the other pool.
	 */
	private @Nullable String username;

	/**
	 * Password of the database. Wins over the one in the URL.
	 */
	private @Nullable String password;

	/**
	 * Whether CockroachDB is asked to answer from the nearest replica, a few seconds in
	 * the past.
	 */
	private boolean followerReads = true;

	/**
	 * Settings of the pool, such as maximum-pool-size, as those of HikariCP.
	 */
	private final Map<String, String> hikari = new LinkedHashMap<>();

	private final Ssl ssl = new Ssl();

	public @Nullable Boolean getEnabled() {
		return this.enabled;
	}

	public void setEnabled(@Nullable Boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable String getUrl() {
		return this.url;
	}

	public void setUrl(@Nullable String url) {
		this.url = url;
	}

	public @Nullable String getUsername() {
		return this.username;
	}

	public void setUsername(@Nullable String username) {
		this.username = username;
	}

	public @Nullable String getPassword() {
		return this.password;
	}

	public void setPassword(@Nullable String password) {
		this.password = password;
	}

	public boolean isFollowerReads() {
		return this.followerReads;
	}

	public void setFollowerReads(boolean followerReads) {
		this.followerReads = followerReads;
	}

	public Map<String, String> getHikari() {
		return this.hikari;
	}

	public Ssl getSsl() {
		return this.ssl;
	}

	/**
	 * Properties of TLS connections.
	 */
	public static class Ssl {

		/**
		 * SSL bundle to use for the connections. That of crdb.ssl.bundle by default.
		 */
		private @Nullable String bundle;

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

	}

}
