package io.github.crdbspring.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import io.github.crdbspring.changefeed.ChangefeedContainerFactory;
import io.github.crdbspring.changefeed.ChangefeedErrorHandler;
import io.github.crdbspring.changefeed.ChangefeedObserver;
import io.github.crdbspring.changefeed.ChangefeedSettings;
import io.github.crdbspring.changefeed.CrdbChangefeedContainer;
import io.github.crdbspring.changefeed.CrdbChangefeedListenerPostProcessor;
import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;
import io.github.crdbspring.changefeed.source.ChangefeedSource;
import io.github.crdbspring.changefeed.source.FeedConnections;
import io.github.crdbspring.changefeed.source.SqlChangefeedSource;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration for {@code @CrdbChangefeedListener}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CrdbTransactionAutoConfiguration.class,
		afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnBean(CrdbTransactionTemplates.class)
@ConditionalOnBooleanProperty(name = "crdb.changefeed.enabled", matchIfMissing = true)
@EnableConfigurationProperties(CrdbChangefeedProperties.class)
public final class CrdbChangefeedAutoConfiguration {

	/**
	 * Listeners, whose rows Jackson reads.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JsonMapper.class)
	static class ListenerConfiguration {

		@Bean
		@ConditionalOnMissingBean
		CrdbChangefeedRegistry crdbChangefeedRegistry(ObjectProvider<CrdbChangefeedContainer> containers) {
			CrdbChangefeedRegistry registry = new CrdbChangefeedRegistry();
			containers.orderedStream().forEach(registry::register);
			return registry;
		}

		@Bean
		@ConditionalOnMissingBean
		ChangefeedContainerFactory crdbChangefeedContainerFactory(CrdbTransactionTemplates templates,
				CrdbChangefeedProperties properties, ObjectProvider<JsonMapper> jsonMapper,
				ObjectProvider<ChangefeedErrorHandler> errorHandler, ObjectProvider<ChangefeedObserver> observers,
				ObjectProvider<ChangefeedSource> source, ObjectProvider<FeedConnections> connections,
				ApplicationEventPublisher events) {
			ChangefeedPropertiesMapper mapper = new ChangefeedPropertiesMapper(properties);
			ChangefeedSettings settings = mapper.settings();
			ChangefeedErrorHandler handler = errorHandler.getIfUnique(mapper::errorHandler);
			List<ChangefeedObserver> all = observers.orderedStream().toList();
			return (transactionManager) -> {
				CrdbTransactionTemplate template = templates.get(transactionManager);
				DataSource dataSource = template.getDataSource();
				return CrdbChangefeedContainer.builder(template)
					.settings(settings)
					.errorHandler(handler)
					.observers(all)
					.events(events)
					.jsonMapper(jsonMapper.getIfUnique(JsonMapper::shared))
					.source(source.getIfUnique(() -> new SqlChangefeedSource(dataSource,
							connections.getIfUnique(() -> FeedConnections.like(dataSource)))));
			};
		}

		@Bean
		static CrdbChangefeedListenerPostProcessor crdbChangefeedListenerPostProcessor(
				ConfigurableBeanFactory beanFactory, ObjectProvider<CrdbChangefeedRegistry> registry,
				ObjectProvider<ChangefeedContainerFactory> factory) {
			return new CrdbChangefeedListenerPostProcessor(beanFactory, registry::getObject, factory::getObject);
		}

	}

	/**
	 * The tables of listeners.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JsonMapper.class)
	@ConditionalOnSingleCandidate(DataSource.class)
	static class SchemaConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ChangefeedSchemaInitializer crdbChangefeedSchemaInitializer(DataSource dataSource,
				CrdbChangefeedProperties properties) {
			return new ChangefeedSchemaInitializer(dataSource, properties.getInitializeSchema());
		}

	}

	/**
	 * A listener must not be left uncalled in silence.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("tools.jackson.databind.json.JsonMapper")
	static class WithoutJacksonConfiguration {

		@Bean
		static ListenersWithoutJackson crdbListenersWithoutJackson() {
			return new ListenersWithoutJackson();
		}

	}

}
