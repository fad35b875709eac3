package io.github.crdbspring.autoconfigure.diagnostics;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import io.github.crdbspring.url.CrdbUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Where the application looks for its database, as far as that is beyond doubt: with
 * several DataSources, a service connection or a DataSource of the user's nothing is
 * said.
 *
 * @param property what to call the URL
 * @param location hosts and database, without credentials and parameters
 */
record DatabaseAddress(String property, @Nullable String location) {

	private static final DatabaseAddress UNKNOWN = new DatabaseAddress("the database URL", null);

	/**
	 * The name of the connection details that hold {@code crdb.url}.
	 */
	private static final String CRDB_DETAILS = "crdbJdbcConnectionDetails";

	/**
	 * Wins over the other two.
	 */
	private static final String POOL_URL = "spring.datasource.hikari.jdbc-url";

	/**
	 * Only what certainly has no credentials in it is shown.
	 */
	private static final Pattern JDBC_URL = Pattern
		.compile("jdbc:postgresql://(?<location>[\\w.:,\\[\\]-]+(?:/[\\w.-]*)?)(?:\\?.*)?", Pattern.DOTALL);

	/**
	 * Find the address. No bean is created, since the context is closed already.
	 */
	static DatabaseAddress find(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		if (environment == null || !(beanFactory instanceof ListableBeanFactory beans)
				|| beans.getBeanNamesForType(DataSource.class, true, false).length != 1) {
			return UNKNOWN;
		}
		String[] details = beans.getBeanNamesForType(JdbcConnectionDetails.class, true, false);
		if (details.length != 1) {
			return UNKNOWN;
		}
		String poolUrl = environment.getProperty(POOL_URL);
		if (StringUtils.hasText(poolUrl)) {
			return new DatabaseAddress(POOL_URL, location(poolUrl));
		}
		if (CRDB_DETAILS.equals(details[0])) {
			return new DatabaseAddress("crdb.url", location(jdbcUrl(environment.getProperty("crdb.url"))));
		}
		// The name under which Spring Boot has the details of its own properties
		String url = environment.getProperty("spring.datasource.url");
		return ("jdbcConnectionDetails".equals(details[0]) && StringUtils.hasText(url))
				? new DatabaseAddress("spring.datasource.url", location(url)) : UNKNOWN;
	}

	private static @Nullable String jdbcUrl(@Nullable String url) {
		try {
			return (url != null) ? CrdbUrl.parse(url).jdbcUrl() : null;
		}
		catch (IllegalArgumentException ex) {
			// Has an analysis of its own
			return null;
		}
	}

	private static @Nullable String location(@Nullable String jdbcUrl) {
		Matcher matcher = JDBC_URL.matcher((jdbcUrl != null) ? jdbcUrl : "");
		return matcher.matches() ? matcher.group("location") : null;
	}

}
