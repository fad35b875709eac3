package io.github.crdbspring.docker.compose;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.util.StringUtils;

/**
 * Makes {@link JdbcConnectionDetails} for a service whose image is, or whose label says,
 * {@code cockroachdb/cockroach}.
 * <p>
 * The URL says nothing about TLS, since it cannot be seen whether the container runs with
 * {@code --insecure}: the driver then uses TLS if the server has it, and verifies
 * nothing. The label with JDBC parameters may ask for more.
 */
class CrdbJdbcDockerComposeConnectionDetailsFactory
		extends DockerComposeConnectionDetailsFactory<JdbcConnectionDetails> {

	private static final String[] IMAGES = { "cockroachdb/cockroach", "cockroachdb/cockroach-unstable" };

	CrdbJdbcDockerComposeConnectionDetailsFactory() {
		super(IMAGES);
	}

	@Override
	protected @Nullable JdbcConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		boolean enabled = source.getEnvironment().getProperty("crdb.enabled", Boolean.class, true);
		return enabled ? new CrdbJdbcDockerComposeConnectionDetails(source.getRunningService()) : null;
	}

	/**
	 * The connection details of a running service.
	 */
	static final class CrdbJdbcDockerComposeConnectionDetails extends DockerComposeConnectionDetails
			implements JdbcConnectionDetails {

		private static final int SQL_PORT = 26257;

		private static final String PARAMETERS_LABEL = "org.springframework.boot.jdbc.parameters";

		private final CockroachEnvironment environment;

		private final String jdbcUrl;

		CrdbJdbcDockerComposeConnectionDetails(RunningService service) {
			super(service);
			this.environment = CockroachEnvironment.of(service.env());
			this.jdbcUrl = jdbcUrl(service, this.environment.database());
		}

		private static String jdbcUrl(RunningService service, String database) {
			String url = "jdbc:postgresql://" + bracketed(service.host()) + ":" + service.ports().get(SQL_PORT) + "/"
					+ URLEncoder.encode(database, StandardCharsets.UTF_8);
			String parameters = service.labels().get(PARAMETERS_LABEL);
			return StringUtils.hasLength(parameters) ? url + "?" + parameters : url;
		}

		/**
		 * The host may come from an environment variable, where an IPv6 address need not
		 * be in brackets.
		 */
		private static String bracketed(String host) {
			return (host.indexOf(':') >= 0 && !host.startsWith("[")) ? "[" + host + "]" : host;
		}

		@Override
		public String getUsername() {
			return this.environment.username();
		}

		/**
		 * Tomcat's pool takes no {@code null}.
		 */
		@Override
		public String getPassword() {
			String password = this.environment.password();
			return (password != null) ? password : "";
		}

		@Override
		public String getJdbcUrl() {
			return this.jdbcUrl;
		}

	}

}
