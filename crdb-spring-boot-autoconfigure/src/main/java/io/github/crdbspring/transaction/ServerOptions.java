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
		if (!priority && options.systemTime() == null) {
			return options;
		}
		ServerInfo serverInfo = serverInfo();
		if (serverInfo.isCockroach()) {
			return options;
		}
		String option = describe(options);
		if (this.policy == UnsupportedOptionPolicy.FAIL) {
			throw new UnsupportedTransactionOptionException("Transaction '" + options.name() + "' asks for " + option
					+ ", which " + serverInfo.description() + " does not have: remove the option, or ignore it with "
					+ "crdb.transaction.unsupported-options=IGNORE");
		}
		if (this.warned.compareAndSet(false, true)) {
			logger.warn("Transaction options that " + serverInfo.description() + " does not have are ignored, first: "
					+ option + " of transaction '" + options.name() + "'");
		}
		return options.toBuilder()
			.priority(TransactionPriority.DEFAULT)
			.retryPriority(TransactionPriority.DEFAULT)
			.readOnly(options.readOnly())
			.systemTime(null)
			.build();
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

	private static String describe(CrdbTransactionOptions options) {
		if (options.systemTime() != null) {
			return "system time " + options.systemTime();
		}
		return (options.priority() != TransactionPriority.DEFAULT) ? "priority " + options.priority()
				: "retry priority " + options.retryPriority();
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

}
