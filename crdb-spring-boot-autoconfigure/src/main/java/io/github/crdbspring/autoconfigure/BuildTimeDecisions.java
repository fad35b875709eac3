package io.github.crdbspring.autoconfigure;

import java.util.List;

import io.github.crdbspring.autoconfigure.datasource.HikariConfiguration;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * Refuses to start an application that was processed ahead of time with other values of
 * the properties that decide which beans there are. They would silently have no effect
 * any more, and an application that requires CockroachDB would run on another server.
 */
final class BuildTimeDecisions implements BeanFactoryPostProcessor {

	private static final List<Decision> DECISIONS = List.of(
			new Decision("crdb.enabled", true, "crdbBuildTimeDecisions", CrdbDataSourceAutoConfiguration.class),
			new Decision("crdb.pool-defaults", true, "crdbPoolDefaultsPostProcessor", HikariConfiguration.class),
			new Decision("crdb.require-cockroachdb", false, "crdbCockroachRequirement",
					CrdbDataSourceAutoConfiguration.class),
			new Decision("crdb.schema-check", false, "crdbSchemaCheckListener", CrdbSchemaCheckAutoConfiguration.class),
			new Decision("crdb.transaction.retry-spring-transactional", false, "crdbRetryingTransactionalAdvisor",
					CrdbTransactionAutoConfiguration.AnnotationConfiguration.class));

	private final Environment environment;

	BuildTimeDecisions(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (AotDetector.useGeneratedArtifacts()) {
			DECISIONS.forEach((decision) -> decision.check(beanFactory, this.environment));
			checkReadOnlyPool(beanFactory);
		}
	}

	private void checkReadOnlyPool(ConfigurableListableBeanFactory beanFactory) {
		boolean asked = OnReadOnlyPoolCondition.isAskedFor(this.environment);
		if (asked != beanFactory.containsBeanDefinition(CrdbReadOnlyAutoConfiguration.POOL)
				&& beanFactory.containsBeanDefinition(CrdbDataSourceAutoConfiguration.class.getName())) {
			throw new InvalidConfigurationPropertyValueException("crdb.read-only.enabled", asked,
					"It was " + !asked
							+ ", by itself or by crdb.read-only.url, when the application was processed ahead "
							+ "of time, and cannot be changed any more; set it for the build.");
		}
	}

	/**
	 * A property that decides whether there is a bean.
	 *
	 * @param property the property's name
	 * @param defaultValue its value if it is not set
	 * @param bean the bean's name
	 * @param configuration the configuration that has the bean, itself not there if for
	 * other reasons the property means nothing
	 */
	private record Decision(String property, boolean defaultValue, String bean, Class<?> configuration) {

		void check(ConfigurableListableBeanFactory beanFactory, Environment environment) {
			boolean value = environment.getProperty(this.property, Boolean.class, this.defaultValue);
			boolean valueAtBuildTime = beanFactory.containsBeanDefinition(this.bean);
			if (value != valueAtBuildTime && beanFactory.containsBeanDefinition(this.configuration.getName())) {
				throw new InvalidConfigurationPropertyValueException(this.property, value,
						"It was " + valueAtBuildTime + " when the application was processed ahead of time, and cannot "
								+ "be changed any more; set it for the build.");
			}
		}

	}

}
