package io.github.crdbspring.sample.load;

import java.sql.SQLException;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Runs a load when the application has started, and says how it went.
 */
@Component
@ConditionalOnBooleanProperty(name = "bank.demo", matchIfMissing = true)
class DemoRunner implements ApplicationRunner {

	private static final Log logger = LogFactory.getLog(DemoRunner.class);

	private final LoadRunner loadRunner;

	private final CrdbDataSource dataSource;

	DemoRunner(LoadRunner loadRunner, DataSource dataSource) throws SQLException {
		this.loadRunner = loadRunner;
		this.dataSource = dataSource.unwrap(CrdbDataSource.class);
	}

	@Override
	public void run(ApplicationArguments args) {
		LoadRequest request = LoadRequest.DEFAULT;
		logger.info("Running " + request.transfers() + " transfers by " + request.threads() + " threads between "
				+ request.accounts() + " accounts (not with bank.demo=false)");
		try {
			LoadSummary summary = new LoadSummary(this.dataSource.getServerInfo(), request,
					this.loadRunner.run(request));
			if (summary.report().isTotalUnchanged()) {
				logger.info(summary);
			}
			else {
				logger.error(summary);
			}
		}
		catch (LoadInProgressException | LoadStoppedException ex) {
			logger.info("No demo: " + ex.getMessage());
		}
	}

}
