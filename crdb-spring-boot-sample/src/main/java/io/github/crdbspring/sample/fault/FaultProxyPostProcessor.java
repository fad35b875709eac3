package io.github.crdbspring.sample.fault;

import java.io.IOException;
import java.util.Properties;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.Environment;

/**
 * Puts a {@link FaultProxy} between the pool and the database. It is the last to change
 * the pool's URL, as it is not ordered. With TLS there is none: the proxy could not read
 * what is said, and the database's certificate would not be the proxy's.
 */
class FaultProxyPostProcessor implements BeanPostProcessor, DisposableBean {

	private static final Log logger = LogFactory.getLog(FaultProxyPostProcessor.class);

	private static final String WRITES = "INSERT INTO transfer";

	private static final String ADDRESS = "^jdbc:postgresql://[^/?]+";

	private final Environment environment;

	private volatile @Nullable FaultProxy proxy;

	private volatile String reason = "There is no pool yet.";

	FaultProxyPostProcessor(Environment environment) {
		this.environment = environment;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
			String url = pool.getJdbcUrl();
			Properties parameters = Driver.parseURL(url, pool.getDataSourceProperties());
			String why = whyNot(url, parameters);
			if (why != null) {
				this.reason = why;
			}
			else if (parameters != null) {
				FaultProxy created = new FaultProxy(String.valueOf(PGProperty.PG_HOST.getOrDefault(parameters)),
						Integer.parseInt(String.valueOf(PGProperty.PG_PORT.getOrDefault(parameters))), WRITES);
				this.proxy = created;
				pool.setJdbcUrl(url.replaceFirst(ADDRESS, "jdbc:postgresql://localhost:" + created.port()));
				logger.info("Between the pool and the database stands a proxy that can make faults, port "
						+ created.port() + " (not with bank.fault-proxy=false)");
			}
		}
		return bean;
	}

	private @Nullable String whyNot(String url, @Nullable Properties parameters) {
		if (!this.environment.getProperty("bank.fault-proxy", Boolean.class, true)) {
			return "It was switched off with bank.fault-proxy=false.";
		}
		if (parameters == null || !url.matches(ADDRESS + ".*") || url.matches("[^/]+//[^/?]*,.*")) {
			return "It needs a URL with one host.";
		}
		if (!"disable".equals(PGProperty.SSL_MODE.getOrDefault(parameters))) {
			return "It needs a connection without TLS: sslmode=disable.";
		}
		return null;
	}

	@Nullable FaultProxy getProxy() {
		return this.proxy;
	}

	String getReason() {
		return this.reason;
	}

	@Override
	public void destroy() throws IOException {
		FaultProxy proxy = this.proxy;
		if (proxy != null) {
			proxy.close();
		}
	}

}
