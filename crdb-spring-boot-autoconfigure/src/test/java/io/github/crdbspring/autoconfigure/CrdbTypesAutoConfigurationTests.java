package io.github.crdbspring.autoconfigure;

import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.data.JsonbTypes;
import io.github.crdbspring.type.CrdbJdbcClient;
import io.github.crdbspring.type.Interval;
import io.github.crdbspring.type.JacksonJsonbMapper;
import io.github.crdbspring.type.Jsonb;
import io.github.crdbspring.type.JsonbMapper;
import org.hibernate.cfg.MappingSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.ConversionService;
import org.springframework.data.jdbc.core.convert.JdbcCustomConversions;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;
import org.springframework.data.jdbc.repository.config.AbstractJdbcConfiguration;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for the auto-configurations of types: {@link CrdbJsonbAutoConfiguration},
 * {@link CrdbJdbcClientAutoConfiguration}, {@link CrdbDataJdbcAutoConfiguration} and
 * {@link CrdbHibernateJsonAutoConfiguration}. None of them opens a connection.
 */
class CrdbTypesAutoConfigurationTests {

	private final ApplicationContextRunner base = new ApplicationContextRunner()
		.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/shop")
		.withConfiguration(AutoConfigurations.of(CrdbJsonbAutoConfiguration.class,
				CrdbJdbcClientAutoConfiguration.class, CrdbDataJdbcAutoConfiguration.class,
				CrdbHibernateJsonAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				JdbcClientAutoConfiguration.class, JacksonAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.base.withBean(JdbcDialect.class,
			() -> JdbcPostgresDialect.INSTANCE);

	@Test
	void allOfThemAreThereByDefault() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(JacksonJsonbMapper.class);
			assertThat(context).getBean(JdbcClient.class).isInstanceOf(CrdbJdbcClient.class);
			JdbcCustomConversions conversions = context.getBean(JdbcCustomConversions.class);
			assertThat(List.of(Jsonb.class, Interval.class, JsonNode.class)).allMatch(conversions::isSimpleType);
			assertThat(conversions.isSimpleType(Payload.class)).isFalse();
			assertThat(context).doesNotHaveBean(ConversionService.class);
		});
	}

	@Test
	void hibernateReadsAndWritesJsonWithTheApplicationsMapperIfItKnowsHow() {
		this.runner.run((context) -> {
			if (hibernateKnowsTheMapper()) {
				assertThat(hibernateProperties(context.getBean(HibernatePropertiesCustomizer.class), Map.of()))
					.extractingByKey(MappingSettings.JSON_FORMAT_MAPPER)
					.extracting((mapper) -> mapper.getClass().getName())
					.isEqualTo(CrdbHibernateJsonAutoConfiguration.FORMAT_MAPPER);
			}
			else {
				// Hibernate 7.2, of Spring Boot 4.0
				assertThat(context).doesNotHaveBean(HibernatePropertiesCustomizer.class);
			}
		});
	}

	@Test
	void declaredClassesAreJson() {
		this.runner.withBean(JsonbTypes.class, () -> JsonbTypes.of(Payload.class))
			.run((context) -> assertThat(context.getBean(JdbcCustomConversions.class).isSimpleType(Payload.class))
				.isTrue());
	}

	@Test
	void switchedOffSpringBootsOwnIsLeft() {
		this.runner.withPropertyValues("crdb.enabled=false").run((context) -> {
			assertThat(context).doesNotHaveBean(JsonbMapper.class)
				.doesNotHaveBean(JdbcCustomConversions.class)
				.doesNotHaveBean(HibernatePropertiesCustomizer.class);
			assertThat(context).getBean(JdbcClient.class).isNotInstanceOf(CrdbJdbcClient.class);
		});
	}

	@Test
	void withoutTheDriverSpringBootsOwnIsLeft() {
		this.runner.withPropertyValues("spring.datasource.url=jdbc:h2:mem:shop")
			.withClassLoader(new FilteredClassLoader(PGConnection.class))
			.run((context) -> {
				assertThat(context).doesNotHaveBean(JsonbMapper.class).doesNotHaveBean(JdbcCustomConversions.class);
				assertThat(context).getBean(JdbcClient.class).isNotInstanceOf(CrdbJdbcClient.class);
			});
	}

	@Test
	void aUsersBeansWin() {
		this.runner.withUserConfiguration(UserConfiguration.class).run((context) -> {
			assertThat(context).getBean(JsonbMapper.class).isInstanceOf(UserMapper.class);
			assertThat(context).hasSingleBean(JdbcClient.class);
			assertThat(context).getBean(JdbcClient.class).isNotInstanceOf(CrdbJdbcClient.class);
			assertThat(context.getBean(JdbcCustomConversions.class).isSimpleType(Interval.class)).isFalse();
		});
	}

	@Test
	void aUsersOwnSpringDataConfigurationWins() {
		this.base.withUserConfiguration(UserDataConfiguration.class)
			.withConfiguration(AutoConfigurations.of(DataJdbcRepositoriesAutoConfiguration.class))
			.run((context) -> {
				assertThat(context).hasSingleBean(JdbcCustomConversions.class);
				assertThat(context.getBean(JdbcCustomConversions.class).isSimpleType(Interval.class)).isFalse();
			});
	}

	@Test
	void aUsersJsonFormatWins() {
		assumeThat(hibernateKnowsTheMapper()).isTrue();
		this.runner
			.run((context) -> assertThat(hibernateProperties(context.getBean(HibernatePropertiesCustomizer.class),
					Map.of(MappingSettings.JSON_FORMAT_MAPPER, "mine")))
				.containsEntry(MappingSettings.JSON_FORMAT_MAPPER, "mine"));
	}

	@Test
	void withoutJacksonThereIsJsonb() {
		this.runner.withClassLoader(new FilteredClassLoader("tools.jackson")).run((context) -> {
			assertThat(context).hasNotFailed()
				.doesNotHaveBean(JsonbMapper.class)
				.doesNotHaveBean(HibernatePropertiesCustomizer.class);
			assertThat(context).getBean(JdbcClient.class).isInstanceOf(CrdbJdbcClient.class);
			assertThat(context.getBean(JdbcCustomConversions.class).isSimpleType(Jsonb.class)).isTrue();
		});
	}

	@Test
	void withoutAMapperDeclaredClassesAreRefused() {
		new ApplicationContextRunner().withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/shop")
			.withConfiguration(
					AutoConfigurations.of(CrdbDataJdbcAutoConfiguration.class, DataSourceAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class))
			.withBean(JdbcDialect.class, () -> JdbcPostgresDialect.INSTANCE)
			.withBean(JsonbTypes.class, () -> JsonbTypes.of(Map.class))
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("need a bean of type JsonbMapper"));
	}

	@Test
	void withoutSpringDataAndHibernateTheRestIsThere() {
		this.runner
			.withClassLoader(new FilteredClassLoader("org.springframework.data", "org.hibernate",
					"org.springframework.boot.hibernate", "org.springframework.boot.data"))
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(JsonbMapper.class)
					.doesNotHaveBean("jdbcCustomConversions")
					.doesNotHaveBean("crdbHibernateJsonCustomizer");
				assertThat(context).getBean(JdbcClient.class).isInstanceOf(CrdbJdbcClient.class);
			});
	}

	private static boolean hibernateKnowsTheMapper() {
		return ClassUtils.isPresent(CrdbHibernateJsonAutoConfiguration.FORMAT_MAPPER, null);
	}

	private static Map<String, Object> hibernateProperties(HibernatePropertiesCustomizer customizer,
			Map<String, Object> properties) {
		Map<String, Object> result = new HashMap<>(properties);
		customizer.customize(result);
		return result;
	}

	@Configuration(proxyBeanMethods = false)
	static class UserConfiguration {

		@Bean
		JdbcClient myJdbcClient(DataSource dataSource) {
			return JdbcClient.create(dataSource);
		}

		@Bean
		JsonbMapper myMapper() {
			return new UserMapper();
		}

		@Bean
		JdbcCustomConversions myConversions() {
			return new JdbcCustomConversions();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	static class UserDataConfiguration extends AbstractJdbcConfiguration {

		@Bean
		@Override
		public JdbcDialect jdbcDialect(NamedParameterJdbcOperations operations) {
			return JdbcPostgresDialect.INSTANCE;
		}

	}

	private record Payload(String name) {

	}

	private static final class UserMapper implements JsonbMapper {

		private final ObjectMapper mapper = new JsonMapper();

		@Override
		public Jsonb write(@Nullable Object value) {
			return Jsonb.of(this.mapper.writeValueAsString(value));
		}

		@Override
		public @Nullable Object read(Jsonb json, Type type) {
			return this.mapper.readValue(json.toString(), this.mapper.constructType(type));
		}

	}

}
