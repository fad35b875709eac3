package io.github.crdbspring.autoconfigure.datasource;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbExceptionOverride;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.log.LogMessage;
import org.springframework.util.StringUtils;

/**
 * What suits CockroachDB in a HikariCP pool and its driver, applied only where the user
 * has set nothing: neither with a property, nor in the URL, nor in code. In code, setting
 * a value that is HikariCP's own default does not count.
 *
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/connection-pooling">CockroachDB: Use
 * Connection Pools</a>
 */
final class PoolDefaults {

	/**
	 * Four active connections for each of 12 vCPUs (three nodes of four), shared by four
	 * instances of a service.
	 */
	static final int MAXIMUM_POOL_SIZE = 12;

	/**
	 * Short, so that connections soon spread over nodes that were added, and leave one
	 * that is drained. HikariCP takes off up to a quarter at random.
	 */
	static final Duration MAX_LIFETIME = Duration.ofMinutes(5);

	/**
	 * How long a connection lies idle until it is tested, or closed where the pool is not
	 * of fixed size: half of the lifetime.
	 */
	static final Duration IDLE_TIME = Duration.ofSeconds(150);

	/**
	 * What CockroachDB recommends. Without a bound the driver makes one insert of up to
	 * 32768 rows, and soon a message that is larger than CockroachDB takes.
	 */
	private static final String ROWS_OF_AN_INSERT = "128";

	/**
	 * CockroachDB 22.1 hashes passwords with 119,680 iterations, and the driver takes
	 * 100,000 unless it is told otherwise.
	 */
	private static final String SCRAM_ITERATIONS = "200000";

	/**
	 * HikariCP refuses anything shorter.
	 */
	private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(250);

	private static final Log logger = LogFactory.getLog(PoolDefaults.class);

	private static final HikariConfig UNTOUCHED = new HikariConfig();

	private final Environment environment;

	private final @Nullable String prefix;

	/**
	 * Create a new instance.
	 * @param environment the environment
	 * @param prefix the prefix of the properties that are bound to the pool, if any are
	 */
	PoolDefaults(Environment environment, @Nullable String prefix) {
		this.environment = environment;
		this.prefix = prefix;
	}

	void applyTo(HikariDataSource pool, String beanName) {
		if (pool.getHikariPoolMXBean() != null) {
			logger.debug(LogMessage.format("Pool '%s' has started already and gets no defaults", beanName));
			return;
		}
		Map<String, Object> applied = new LinkedHashMap<>();
		applySize(pool, applied);
		applyTimes(pool, applied);
		applyTimeout(pool, applied);
		if (pool.getExceptionOverride() == null && pool.getExceptionOverrideClassName() == null) {
			pool.setExceptionOverride(new CrdbExceptionOverride());
			applied.put("exception-override", CrdbExceptionOverride.class.getSimpleName());
		}
		if (pool.getDataSource() == null) {
			applyDriverProperties(pool, applied);
		}
		logger.debug(LogMessage.format("Defaults for CockroachDB applied to pool '%s': %s", beanName, applied));
	}

	/**
	 * HikariCP makes the pool one of fixed size as long as nobody sets the number of idle
	 * connections.
	 */
	private void applySize(HikariDataSource pool, Map<String, Object> applied) {
		if (pool.getMaximumPoolSize() == UNTOUCHED.getMaximumPoolSize() && !isConfigured("maximum-pool-size")) {
			set("maximum-pool-size", MAXIMUM_POOL_SIZE, pool::setMaximumPoolSize, applied);
		}
	}

	/**
	 * HikariCP switches off a keepalive or idle time that is not shorter than the
	 * lifetime, so the defaults keep that order among what the user has set.
	 */
	private void applyTimes(HikariDataSource pool, Map<String, Object> applied) {
		boolean defaultKeepalive = pool.getKeepaliveTime() == UNTOUCHED.getKeepaliveTime()
				&& !isConfigured("keepalive-time");
		boolean defaultIdle = pool.getIdleTimeout() == UNTOUCHED.getIdleTimeout() && !isConfigured("idle-timeout");
		if (pool.getMaxLifetime() == UNTOUCHED.getMaxLifetime() && !isConfigured("max-lifetime")
				&& (defaultKeepalive || pool.getKeepaliveTime() < MAX_LIFETIME.toMillis())
				&& (defaultIdle || pool.getIdleTimeout() < MAX_LIFETIME.toMillis())) {
			set("max-lifetime", MAX_LIFETIME.toMillis(), pool::setMaxLifetime, applied);
		}
		boolean longLived = pool.getMaxLifetime() == 0 || pool.getMaxLifetime() > IDLE_TIME.toMillis();
		if (defaultKeepalive && longLived) {
			set("keepalive-time", IDLE_TIME.toMillis(), pool::setKeepaliveTime, applied);
		}
		boolean fixedSize = pool.getMinimumIdle() < 0 || pool.getMinimumIdle() >= pool.getMaximumPoolSize();
		if (defaultIdle && longLived && !fixedSize) {
			set("idle-timeout", IDLE_TIME.toMillis(), pool::setIdleTimeout, applied);
		}
	}

	/**
	 * HikariCP cannot be told for a single call how long to wait for a connection, so the
	 * pool as a whole follows a timeout that is configured for all transactions.
	 */
	private void applyTimeout(HikariDataSource pool, Map<String, Object> applied) {
		Duration timeout = Binder.get(this.environment).bind("crdb.transaction.timeout", Duration.class).orElse(null);
		if (timeout == null || pool.getConnectionTimeout() != UNTOUCHED.getConnectionTimeout()
				|| isConfigured("connection-timeout") || timeout.toMillis() >= pool.getConnectionTimeout()) {
			return;
		}
		long connectionTimeout = Math.max(timeout.toMillis(), SHORTEST_TIMEOUT.toMillis());
		set("connection-timeout", connectionTimeout, pool::setConnectionTimeout, applied);
		// HikariCP wants it to be the shorter of the two
		if (pool.getValidationTimeout() == UNTOUCHED.getValidationTimeout() && !isConfigured("validation-timeout")
				&& pool.getValidationTimeout() >= connectionTimeout) {
			set("validation-timeout", Math.max(connectionTimeout / 2, SHORTEST_TIMEOUT.toMillis()),
					pool::setValidationTimeout, applied);
		}
	}

	private void applyDriverProperties(HikariDataSource pool, Map<String, Object> applied) {
		Properties url = (pool.getJdbcUrl() != null) ? Driver.parseURL(pool.getJdbcUrl(), null) : null;
		Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		known.addAll(pool.getDataSourceProperties().stringPropertyNames());
		if (url != null) {
			known.addAll(url.stringPropertyNames());
		}
		BiConsumer<@Nullable PGProperty, String> setUnlessKnown = (property, value) -> {
			if (property != null && !known.contains(property.getName())) {
				set(property.getName(), value, (text) -> pool.addDataSourceProperty(property.getName(), text), applied);
			}
		};
		setUnlessKnown.accept(PGProperty.REWRITE_BATCHED_INSERTS, "true");
		// Which drivers before 42.7.13 do not know
		setUnlessKnown.accept(PGProperty.forName("reWriteBatchedInsertsSize"), ROWS_OF_AN_INSERT);
		setUnlessKnown.accept(PGProperty.forName("scramMaxIterations"), SCRAM_ITERATIONS);
		setUnlessKnown.accept(PGProperty.TCP_KEEP_ALIVE, "true");
		String applicationName = this.environment.getProperty("spring.application.name");
		if (StringUtils.hasText(applicationName)) {
			setUnlessKnown.accept(PGProperty.APPLICATION_NAME, applicationName);
		}
		if (url != null && url.getProperty(PGProperty.PG_HOST.getName(), "").contains(",")) {
			setUnlessKnown.accept(PGProperty.LOAD_BALANCE_HOSTS, "true");
		}
	}

	private boolean isConfigured(String name) {
		return this.prefix != null
				&& Binder.get(this.environment).bind(this.prefix + "." + name, String.class).isBound();
	}

	private static <T> void set(String name, T value, Consumer<T> setter, Map<String, Object> applied) {
		setter.accept(value);
		applied.put(name, value);
	}

}
