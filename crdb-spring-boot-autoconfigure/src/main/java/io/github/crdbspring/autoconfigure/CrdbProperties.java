package io.github.crdbspring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Configuration properties for CockroachDB.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("crdb")
public class CrdbProperties {

	/**
	 * Whether the support for CockroachDB is enabled.
	 */
	private boolean enabled = true;

	/**
	 * URL of the database, such as
	 * postgresql://user:password@host:26257/database?sslmode=verify-full. Anything that
	 * configures a DataSource with Spring Boot's own means wins over it.
	 */
	private @Nullable String url;

	/**
	 * User of the database. Wins over the one in the URL.
	 */
	private @Nullable String username;

	/**
	 * Password of the database. Wins over the one in the URL.
	 */
	private @Nullable String password;

	/**
	 * Whether to give connection pools defaults for CockroachDB where nothing else is
	 * configured.
	 */
	private boolean poolDefaults = true;

	/**
	 * Whether to refuse any other server than CockroachDB, at start-up and whenever a
	 * connection is opened.
	 */
	private boolean requireCockroachdb;

	/**
	 * Whether to log a warning, once the application is ready, for tables on CockroachDB
	 * without a primary key and for those whose keys ascend.
	 */
	private boolean schemaCheck;

	/**
	 * Session variables, such as statement_timeout, set once on each new connection.
	 */
	private final Map<String, String> session = new LinkedHashMap<>();

	private final Dialect dialect = new Dialect();

	private final Ssl ssl = new Ssl();

	private final Health health = new Health();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
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

	public boolean isPoolDefaults() {
		return this.poolDefaults;
	}

	public void setPoolDefaults(boolean poolDefaults) {
		this.poolDefaults = poolDefaults;
	}

	public boolean isRequireCockroachdb() {
		return this.requireCockroachdb;
	}

	public void setRequireCockroachdb(boolean requireCockroachdb) {
		this.requireCockroachdb = requireCockroachdb;
	}

	public boolean isSchemaCheck() {
		return this.schemaCheck;
	}

	public void setSchemaCheck(boolean schemaCheck) {
		this.schemaCheck = schemaCheck;
	}

	public Map<String, String> getSession() {
		return this.session;
	}

	public Dialect getDialect() {
		return this.dialect;
	}

	public Ssl getSsl() {
		return this.ssl;
	}

	public Health getHealth() {
		return this.health;
	}

	/**
	 * Properties of the help with statements.
	 */
	public static class Dialect {

		/**
		 * Whether statements are helped with parameters and arrays that the driver does
		 * not know, and with clear errors where the server lacks a feature or would do
		 * nothing. The outcome of transactions is guarded in any case.
		 */
		private boolean enabled = true;

		/**
		 * Whether the options of a transaction, such as its priority, are sent together
		 * with its first statement, which saves a round trip. A pool that cannot do that
		 * says so when it opens its first connection.
		 */
		private boolean pipelineOptions;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public boolean isPipelineOptions() {
			return this.pipelineOptions;
		}

		public void setPipelineOptions(boolean pipelineOptions) {
			this.pipelineOptions = pipelineOptions;
		}

	}

	/**
	 * Properties of TLS connections.
	 */
	public static class Ssl {

		/**
		 * SSL bundle to use for the connections of crdb.url.
		 */
		private @Nullable String bundle;

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

	}

	/**
	 * Properties of the health check.
	 */
	public static class Health {

		/**
		 * How long a health check may take, the wait for a connection included. Bounds
		 * the wait of the info endpoint for its first connection, too.
		 */
		private Duration timeout = Duration.ofSeconds(5);

		public Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(Duration timeout) {
			this.timeout = timeout;
		}

		Duration requireTimeout() {
			if (this.timeout.toMillis() < 1) {
				throw new InvalidConfigurationPropertyValueException("crdb.health.timeout", this.timeout,
						"It must be at least a millisecond.");
			}
			return this.timeout;
		}

	}

}
