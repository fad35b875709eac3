package io.github.crdbspring.transaction;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Holds options against what the server has: priority and system time exist on
 * CockroachDB only.
 */
final class ServerOptions {

	private static final Log logger = LogFactory.getLog(CrdbTransactionTemplate.class);

	private final CrdbDataSource dataSource;

	private final UnsupportedOptionPolicy policy;

	private final AtomicBoolean warned = new AtomicBoolean();

	ServerOptions(CrdbDataSource dataSource, UnsupportedOptionPolicy policy) {
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
		ServerInfo serverInfo = this.dataSource.getServerInfo();
		if (serverInfo.isCockroach()) {
			return options;
		}
		String option = (options.systemTime() != null) ? "system time " + options.systemTime()
				: "priority " + options.priority();
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

}
