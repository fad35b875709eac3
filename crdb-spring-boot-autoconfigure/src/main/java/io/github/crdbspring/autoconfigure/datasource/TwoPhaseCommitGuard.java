package io.github.crdbspring.autoconfigure.datasource;

import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.XADataSource;

import io.github.crdbspring.error.TwoPhaseCommitException;
import io.github.crdbspring.jdbc.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.postgresql.xa.PGXADataSource;

import org.springframework.aop.MethodBeforeAdvice;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.jdbc.XADataSourceWrapper;
import org.springframework.core.Ordered;

/**
 * Refuses an {@link XADataSource} of the PostgreSQL driver whose server is CockroachDB:
 * it would work until the first PREPARE TRANSACTION. One connection is opened to find
 * that out. Where that fails nothing is refused.
 * <p>
 * Besides beans, this sees what Spring Boot has an {@link XADataSourceWrapper} wrap,
 * which is no bean. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class TwoPhaseCommitGuard implements BeanPostProcessor, Ordered {

	private static final Log logger = LogFactory.getLog(TwoPhaseCommitGuard.class);

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof XADataSource xaDataSource) {
			check(xaDataSource);
		}
		return (bean instanceof XADataSourceWrapper wrapper) ? guard(wrapper) : bean;
	}

	private static Object guard(XADataSourceWrapper wrapper) {
		ProxyFactory factory = new ProxyFactory(wrapper);
		factory.setProxyTargetClass(!Modifier.isFinal(wrapper.getClass().getModifiers()));
		factory.addAdvice((MethodBeforeAdvice) (method, arguments, target) -> {
			if (arguments.length == 1 && arguments[0] instanceof XADataSource xaDataSource) {
				check(xaDataSource);
			}
		});
		return factory.getProxy(wrapper.getClass().getClassLoader());
	}

	private static void check(XADataSource xaDataSource) {
		// Only here, so that the driver's class is not loaded where there is nothing to
		// check
		if (!(xaDataSource instanceof PGXADataSource dataSource)) {
			return;
		}
		ServerInfo serverInfo;
		try (Connection connection = dataSource.getConnection()) {
			serverInfo = ServerInfo.of(connection);
		}
		catch (SQLException ex) {
			logger.debug("Whether two-phase commit can be used is not known, since the database cannot be reached", ex);
			return;
		}
		if (serverInfo.isCockroach()) {
			throw new TwoPhaseCommitException(serverInfo.description());
		}
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
