package io.github.crdbspring.autoconfigure;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.CrdbDataSourcePostProcessor;
import io.github.crdbspring.autoconfigure.datasource.CrdbJdbcConnectionDetails;
import io.github.crdbspring.autoconfigure.datasource.CredentialsPostProcessor;
import io.github.crdbspring.autoconfigure.datasource.HikariConfiguration;
import io.github.crdbspring.autoconfigure.datasource.SessionSettings;
import io.github.crdbspring.autoconfigure.datasource.UnguardedDataSources;
import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbCredentials;
import org.postgresql.PGConnection;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Auto-configuration for the CRDB-aware {@link DataSource}: {@code crdb.url} feeds Spring
 * Boot's own configuration, and every pool that speaks PostgreSQL's protocol hands out
 * guarded connections.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@ConditionalOnClass({ DataSource.class, PGConnection.class })
@ConditionalOnBooleanProperty(name = "crdb.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CrdbProperties.class)
@Import(HikariConfiguration.class)
public final class CrdbDataSourceAutoConfiguration {

	CrdbDataSourceAutoConfiguration(CrdbProperties properties, Environment environment) {
		if (OnReadOnlyPoolCondition.isAskedFor(environment)
				&& !ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", getClass().getClassLoader())) {
			throw new InvalidConfigurationPropertyValueException("crdb.read-only.enabled", true,
					"The pool for read-only transactions takes HikariCP, which is not on the class path.");
		}
		String bundle = properties.getSsl().getBundle();
		if (StringUtils.hasText(bundle) && !StringUtils.hasText(properties.getUrl())) {
			throw new InvalidConfigurationPropertyValueException("crdb.ssl.bundle", bundle,
					"It belongs to crdb.url, which is not set.");
		}
	}

	@Bean
	static CrdbDataSourcePostProcessor crdbDataSourcePostProcessor(ObjectProvider<CrdbConnectionCustomizer> customizers,
			ObjectProvider<CrdbProperties> properties) {
		return new CrdbDataSourcePostProcessor(customizers, () -> properties.getObject().getDialect().isEnabled(),
				() -> properties.getObject().getDialect().isPipelineOptions());
	}

	@Bean
	static CredentialsPostProcessor crdbCredentialsPostProcessor(ObjectProvider<CrdbCredentials> credentials,
			ObjectProvider<CrdbJdbcConnectionDetails> connectionDetails) {
		return new CredentialsPostProcessor(credentials, connectionDetails);
	}

	@Bean
	UnguardedDataSources crdbUnguardedDataSources(ConfigurableListableBeanFactory beanFactory) {
		return new UnguardedDataSources(beanFactory);
	}

	@Bean
	@ConditionalOnBooleanProperty("crdb.require-cockroachdb")
	CockroachRequirement crdbCockroachRequirement(ConfigurableListableBeanFactory beanFactory) {
		return new CockroachRequirement(beanFactory);
	}

	@Bean
	SessionSettings crdbSessionSettings(CrdbProperties properties, Environment environment) {
		return new SessionSettings(new SessionVariableNames(environment).correct(properties.getSession()),
				properties.isPoolDefaults());
	}

	@Bean
	@Conditional(OnCrdbUrlCondition.class)
	@ConditionalOnMissingBean({ JdbcConnectionDetails.class, DataSource.class })
	CrdbJdbcConnectionDetails crdbJdbcConnectionDetails(CrdbProperties properties,
			ObjectProvider<SslBundles> sslBundles) {
		String url = properties.getUrl();
		Assert.state(url != null, "'crdb.url' must be set");
		String bundle = properties.getSsl().getBundle();
		return StringUtils.hasText(bundle)
				? CrdbJdbcConnectionDetails.create(url, properties.getUsername(), properties.getPassword(), bundle,
						sslBundles.getObject())
				: CrdbJdbcConnectionDetails.create(url, properties.getUsername(), properties.getPassword());
	}

	@Bean
	static RuntimeCrdbUrlRegistrar crdbRuntimeUrlRegistrar(Environment environment, BeanFactory beanFactory) {
		return new RuntimeCrdbUrlRegistrar(environment,
				() -> beanFactory.getBean(CrdbDataSourceAutoConfiguration.class)
					.crdbJdbcConnectionDetails(beanFactory.getBean(CrdbProperties.class),
							beanFactory.getBeanProvider(SslBundles.class)));
	}

	@Bean
	static BuildTimeDecisions crdbBuildTimeDecisions(Environment environment) {
		return new BuildTimeDecisions(environment);
	}

}
