package io.github.crdbspring.autoconfigure.datasource;

import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.github.crdbspring.jdbc.CrdbCredentials;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Has the pool of {@code crdb.url} ask {@link CrdbCredentials} for each physical
 * connection. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class CredentialsPostProcessor implements BeanPostProcessor, PriorityOrdered {

	private static final boolean SUPPORTED = ClassUtils.isPresent("com.zaxxer.hikari.HikariCredentialsProvider",
			CredentialsPostProcessor.class.getClassLoader());

	private final ObjectProvider<CrdbCredentials> credentials;

	private final ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails;

	/**
	 * Create a new instance.
	 * @param credentials the bean to be asked, if there is one
	 * @param connectionDetails those of {@code crdb.url}, if it is used
	 */
	public CredentialsPostProcessor(ObjectProvider<CrdbCredentials> credentials,
			ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails) {
		this.credentials = credentials;
		this.connectionDetails = connectionDetails;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if ("dataSource".equals(beanName) && bean instanceof DataSource pool
				&& this.connectionDetails.getIfAvailable() != null) {
			CrdbCredentials credentials = this.credentials.getIfAvailable();
			if (credentials != null) {
				configure(pool, credentials);
			}
		}
		return bean;
	}

	/**
	 * Have a pool of HikariCP's ask for the credentials of each physical connection.
	 */
	static void configure(DataSource pool, CrdbCredentials credentials) {
		Assert.state(SUPPORTED && HikariPool.isOne(pool),
				() -> "There is a bean of type CrdbCredentials, which only HikariCP asks, from version 7 on. "
						+ "The pool is " + pool.getClass().getName());
		HikariPool.configure(pool, credentials);
	}

	@Override
	public int getOrder() {
		// After the user's properties have been put into the pool
		return Ordered.HIGHEST_PRECEDENCE + 5;
	}

	/**
	 * What is known of HikariCP, which need not be there.
	 */
	private static final class HikariPool {

		private static final String JWT = "--crdb:jwt_auth_enabled=true";

		static boolean isOne(Object bean) {
			return bean instanceof HikariDataSource;
		}

		static void configure(Object bean, CrdbCredentials credentials) {
			HikariDataSource pool = (HikariDataSource) bean;
			if (pool.getCredentialsProvider() != null || pool.getCredentialsProviderClassName() != null) {
				return;
			}
			String username = pool.getUsername();
			pool.setCredentialsProvider(() -> {
				String user = credentials.getUsername();
				return Credentials.of((user != null) ? user : username, credentials.getPassword());
			});
			if (credentials.isJwt()) {
				announceToken(pool);
			}
		}

		/**
		 * The driver prefers what is in the URL.
		 */
		private static void announceToken(HikariDataSource pool) {
			Properties url = (pool.getJdbcUrl() != null) ? Driver.parseURL(pool.getJdbcUrl(), null) : null;
			String name = PGProperty.OPTIONS.getName();
			String inUrl = (url != null) ? url.getProperty(name) : null;
			if (StringUtils.hasText(inUrl)) {
				Assert.state(inUrl.contains("crdb:jwt_auth_enabled"),
						() -> "The CrdbCredentials are a JSON Web Token, which has to be said in the options of crdb.url, "
								+ "since it has some already: add " + JWT);
				return;
			}
			String options = pool.getDataSourceProperties().getProperty(name);
			pool.addDataSourceProperty(name, join(options));
		}

		private static String join(@Nullable String options) {
			return StringUtils.hasText(options) ? options + " " + JWT : JWT;
		}

	}

}
