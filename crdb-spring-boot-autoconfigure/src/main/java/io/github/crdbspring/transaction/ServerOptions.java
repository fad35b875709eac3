package io.github.crdbspring.transaction;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.util.Assert;

/**
 * Compares options with what the server supports: priority and system time exist on
 * CockroachDB only, and old versions treat timeouts and isolation levels differently.
 */
final class ServerOptions {

	private static final Log logger = LogFactory.getLog(CrdbTransactionTemplate.class);

	private final JdbcTemplate jdbcTemplate;

	private final DataSource dataSource;

	private final UnsupportedOptionPolicy policy;

	private final AtomicBoolean warned = new AtomicBoolean();

	private final AtomicBoolean timeoutChecked = new AtomicBoolean();

	private final Set<Isolation> isolationsChecked = ConcurrentHashMap.newKeySet();

	/**
	 * Create a new instance.
	 * @param dataSource what transactions are bound to
	 * @param policy what happens to options that the server does not have
	 */
	ServerOptions(DataSource dataSource, UnsupportedOptionPolicy policy) {
		this.jdbcTemplate = new JdbcTemplate(dataSource);
		this.dataSource = dataSource;
		this.policy = policy;
	}

	/**
	 * Return the options without those that the server does not have, if that is allowed.
	 */
	CrdbTransactionOptions supported(CrdbTransactionOptions options) {
		boolean priority = options.priority() != TransactionPriority.DEFAULT
				|| options.retryPriority() != TransactionPriority.DEFAULT;
		boolean variables = options.qualityOfService() != QualityOfService.DEFAULT || options.lockTimeout() != null;
		if (!priority && !variables && options.systemTime() == null) {
			return options;
		}
		ServerInfo serverInfo = serverInfo();
		Missing missing = findMissing(options, serverInfo);
		if (missing == null) {
			return options;
		}
		if (this.policy == UnsupportedOptionPolicy.FAIL) {
			throw new UnsupportedTransactionOptionException("Transaction '" + options.name() + "' asks for "
					+ missing.option() + ", which " + serverInfo.description() + " does not have" + missing.needed()
					+ ": remove the option, or ignore it with crdb.transaction.unsupported-options=IGNORE");
		}
		if (this.warned.compareAndSet(false, true)) {
			logger.warn("Transaction options that " + serverInfo.description() + " does not have are ignored, first: "
					+ missing.option() + " of transaction '" + options.name() + "'");
		}
		return withoutMissing(options, serverInfo);
	}

	private static @Nullable Missing findMissing(CrdbTransactionOptions options, ServerInfo serverInfo) {
		if (!serverInfo.isCockroach()) {
			String option = describe(options);
			if (option != null) {
				return new Missing(option, "");
			}
		}
		if (options.qualityOfService() != QualityOfService.DEFAULT
				&& !serverInfo.supports(ServerFeature.QUALITY_OF_SERVICE)) {
			return new Missing("quality of service " + options.qualityOfService(),
					needed(serverInfo, ServerFeature.QUALITY_OF_SERVICE));
		}
		if (options.lockTimeout() != null && !serverInfo.supports(ServerFeature.LOCK_TIMEOUT)) {
			return new Missing("a lock timeout of " + options.lockTimeout(),
					needed(serverInfo, ServerFeature.LOCK_TIMEOUT));
		}
		return null;
	}

	private static String needed(ServerInfo serverInfo, ServerFeature feature) {
		return serverInfo.isCockroach() ? " (it needs CockroachDB " + feature.since() + ")" : "";
	}

	private static CrdbTransactionOptions withoutMissing(CrdbTransactionOptions options, ServerInfo serverInfo) {
		CrdbTransactionOptions.Builder builder = options.toBuilder();
		if (!serverInfo.isCockroach()) {
			builder.priority(TransactionPriority.DEFAULT)
				.retryPriority(TransactionPriority.DEFAULT)
				.readOnly(options.readOnly())
				.systemTime(null);
		}
		if (!serverInfo.supports(ServerFeature.QUALITY_OF_SERVICE)) {
			builder.qualityOfService(QualityOfService.DEFAULT);
		}
		if (!serverInfo.supports(ServerFeature.LOCK_TIMEOUT)) {
			builder.lockTimeout(null);
		}
		return builder.build();
	}

	/**
	 * Looked up each time, since a routing DataSource may lead to another server than
	 * before.
	 */
	private ServerInfo serverInfo() {
		try {
			return this.dataSource.unwrap(CrdbDataSource.class).getServerInfo();
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("Failed to find out what the server is", ex);
		}
	}

	/**
	 * Describe an option that only CockroachDB has, in each of its versions.
	 */
	private static @Nullable String describe(CrdbTransactionOptions options) {
		if (options.systemTime() != null) {
			return "system time " + options.systemTime();
		}
		if (options.priority() != TransactionPriority.DEFAULT) {
			return "priority " + options.priority();
		}
		return (options.retryPriority() != TransactionPriority.DEFAULT) ? "retry priority " + options.retryPriority()
				: null;
	}

	/**
	 * Warn, once each, if the server does not end a running statement at the timeout, and
	 * if it replaces the isolation level by another one. To be called inside the
	 * transaction, so that its connection is used and no other is opened.
	 */
	void check(CrdbTransactionOptions options) {
		boolean timeout = options.timeout() != null && this.timeoutChecked.compareAndSet(false, true);
		boolean isolation = options.isolation() != Isolation.DEFAULT && this.isolationsChecked.add(options.isolation());
		if (!timeout && !isolation) {
			return;
		}
		ServerInfo serverInfo = this.jdbcTemplate.execute((ConnectionCallback<ServerInfo>) ServerInfo::of);
		Assert.state(serverInfo != null, "A connection knows its server");
		if (timeout) {
			checkTimeout(options, serverInfo);
		}
		if (isolation) {
			checkIsolation(options, serverInfo);
		}
	}

	private static void checkTimeout(CrdbTransactionOptions options, ServerInfo serverInfo) {
		if (!serverInfo.supports(ServerFeature.QUERY_CANCEL)) {
			logger.warn("The timeout of transaction '" + options.name() + "', and of others, does not end a statement "
					+ "that is running: CockroachDB " + serverInfo.versionText()
					+ " does not cancel statements, which needs CockroachDB " + ServerFeature.QUERY_CANCEL.since()
					+ " or later; the session variable statement_timeout bounds each of them");
		}
	}

	private static void checkIsolation(CrdbTransactionOptions options, ServerInfo serverInfo) {
		ServerFeature needed = ServerFeature.forIsolationLevel(options.isolation().value());
		if (needed != null && !serverInfo.supports(needed)) {
			logger.warn("Transaction '" + options.name() + "', and others, ask for "
					+ options.isolation().name().replace('_', ' ') + ", and run as SERIALIZABLE: CockroachDB "
					+ serverInfo.versionText() + " does not have that isolation level, which needs CockroachDB "
					+ needed.since() + " or later");
		}
	}

	/**
	 * An option that a server does not have.
	 *
	 * @param option the option
	 * @param needed what has it, empty if no version of the server has
	 */
	private record Missing(String option, String needed) {

	}

}
