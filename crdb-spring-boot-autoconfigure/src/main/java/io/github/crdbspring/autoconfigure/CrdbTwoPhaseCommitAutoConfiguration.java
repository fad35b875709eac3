package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.autoconfigure.datasource.TwoPhaseCommitGuard;
import org.postgresql.PGConnection;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jdbc.XADataSourceWrapper;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration that refuses two-phase commit on CockroachDB, which does not have
 * it.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnClass({ PGConnection.class, XADataSourceWrapper.class, ProxyFactory.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
public final class CrdbTwoPhaseCommitAutoConfiguration {

	@Bean
	static TwoPhaseCommitGuard crdbTwoPhaseCommitGuard() {
		return new TwoPhaseCommitGuard();
	}

}
