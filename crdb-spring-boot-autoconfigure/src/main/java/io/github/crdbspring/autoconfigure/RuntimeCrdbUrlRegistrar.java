package io.github.crdbspring.autoconfigure;

import java.util.function.Supplier;

import io.github.crdbspring.autoconfigure.datasource.CrdbJdbcConnectionDetails;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.core.env.Environment;
import org.springframework.core.log.LogMessage;

/**
 * Lets {@code crdb.url} be set when an application starts whose beans were settled when
 * it was built. What was built in then are Spring Boot's own connection details, which
 * read {@code spring.datasource.url}; where {@code crdb.url} counts, ours take their
 * place. Does nothing without ahead-of-time processing, and nothing where the user's own
 * connection details or DataSource were built in.
 */
final class RuntimeCrdbUrlRegistrar implements BeanDefinitionRegistryPostProcessor {

	static final String BEAN_NAME = "crdbJdbcConnectionDetails";

	private static final Log logger = LogFactory.getLog(RuntimeCrdbUrlRegistrar.class);

	/**
	 * The bean in which Spring Boot holds what {@code spring.datasource} says.
	 */
	private static final String REPLACED_BEAN_NAME = "jdbcConnectionDetails";

	private static final String REPLACED_TYPE = "org.springframework.boot.jdbc.autoconfigure.PropertiesJdbcConnectionDetails";

	private final Environment environment;

	private final Supplier<CrdbJdbcConnectionDetails> connectionDetails;

	/**
	 * Create a new instance.
	 * @param environment where {@code crdb.url} may be set
	 * @param connectionDetails makes the connection details
	 */
	RuntimeCrdbUrlRegistrar(Environment environment, Supplier<CrdbJdbcConnectionDetails> connectionDetails) {
		this.environment = environment;
		this.connectionDetails = connectionDetails;
	}

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		if (!AotDetector.useGeneratedArtifacts() || !isReplaceable(registry)) {
			return;
		}
		ConditionOutcome outcome = OnCrdbUrlCondition.evaluate(this.environment);
		logger.debug(LogMessage.of(outcome::getMessage));
		if (outcome.isMatch()) {
			registry.removeBeanDefinition(REPLACED_BEAN_NAME);
			registry.registerBeanDefinition(BEAN_NAME,
					new RootBeanDefinition(CrdbJdbcConnectionDetails.class, this.connectionDetails));
		}
	}

	private static boolean isReplaceable(BeanDefinitionRegistry registry) {
		return registry.containsBeanDefinition(REPLACED_BEAN_NAME)
				&& registry.getBeanDefinition(REPLACED_BEAN_NAME) instanceof RootBeanDefinition definition
				&& REPLACED_TYPE.equals(definition.getResolvableType().toClass().getName());
	}

}
