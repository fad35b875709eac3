package io.github.crdbspring.sample.audit;

import java.sql.SQLException;

import javax.sql.DataSource;

import io.github.crdbspring.changefeed.ChangefeedState;
import io.github.crdbspring.changefeed.ChangefeedStatus;
import io.github.crdbspring.changefeed.CrdbChangefeedContainer;
import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.ServerInfo;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Starts the audit where the database has changefeeds, and says what it has counted.
 */
@Service
public class Audit {

	private static final Log logger = LogFactory.getLog(Audit.class);

	private static final String OFF = "OFF";

	private final JdbcClient jdbcClient;

	private final DataSource dataSource;

	private final ObjectProvider<CrdbChangefeedRegistry> registry;

	private volatile @Nullable String whyNot = "It starts with the application.";

	Audit(JdbcClient jdbcClient, DataSource dataSource, ObjectProvider<CrdbChangefeedRegistry> registry) {
		this.jdbcClient = jdbcClient;
		this.dataSource = dataSource;
		this.registry = registry;
	}

	@EventListener(ApplicationStartedEvent.class)
	void start() throws SQLException {
		ServerInfo server = this.dataSource.unwrap(CrdbDataSource.class).getServerInfo();
		CrdbChangefeedRegistry listeners = this.registry.getIfAvailable();
		if (!server.isCockroach()) {
			this.whyNot = "A changefeed of CockroachDB feeds it, which " + server.vendor() + " does not have.";
		}
		else if (listeners == null) {
			this.whyNot = "It was switched off with crdb.changefeed.enabled=false.";
		}
		else {
			this.whyNot = null;
			listeners.start(TransferAudit.ID);
			return;
		}
		logger.info("The audit of transfers is off. " + this.whyNot);
	}

	/**
	 * Say what was counted.
	 * @return the sum of all days
	 */
	@CrdbTransactional(readOnly = true)
	public AuditReport report() {
		ChangefeedStatus status = (this.whyNot != null) ? null
				: this.registry.getObject()
					.find(TransferAudit.ID)
					.map(CrdbChangefeedContainer::getStatus)
					.orElseThrow();
		return this.jdbcClient
			.sql("SELECT coalesce(sum(transfers), 0) AS transfers, coalesce(sum(amount), 0) AS amount FROM audit")
			.query((row, number) -> new AuditReport((status != null) ? status.state().name() : OFF, note(status),
					row.getLong("transfers"), row.getBigDecimal("amount")))
			.single();
	}

	private @Nullable String note(@Nullable ChangefeedStatus status) {
		if (status == null) {
			return this.whyNot;
		}
		return (status.state() != ChangefeedState.RUNNING) ? status.lastError() : null;
	}

}
