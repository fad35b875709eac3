package io.github.crdbspring.test;

import io.github.crdbspring.url.CrdbUrl;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * Leads an application context to a database of its own, which goes with it.
 */
final class TestDatabaseConnectionDetails implements JdbcConnectionDetails, DisposableBean {

	private static final Log logger = LogFactory.getLog(TestDatabaseConnectionDetails.class);

	private final TestDatabase database;

	private final CrdbUrl url;

	TestDatabaseConnectionDetails(TestDatabase database) {
		this.database = database;
		this.url = CrdbUrl.parse(database.url());
	}

	@Override
	public String getJdbcUrl() {
		return this.url.jdbcUrl();
	}

	@Override
	public @Nullable String getUsername() {
		return this.url.username();
	}

	@Override
	public @Nullable String getPassword() {
		return this.url.password();
	}

	@Override
	public void destroy() {
		try {
			this.database.close();
		}
		catch (Exception ex) {
			// A context that is closed with the JVM may outlive the server
			logger.debug("The database of a test was not dropped", ex);
		}
	}

}
