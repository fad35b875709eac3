package io.github.crdbspring.autoconfigure;

import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import io.github.crdbspring.type.CrdbJdbcClient;
import io.github.crdbspring.type.Jsonb;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jooq.test.autoconfigure.JooqTest;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationContext;
import org.springframework.data.jdbc.core.convert.JdbcCustomConversions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what the slices for Spring Data JDBC, JPA and jOOQ take of the
 * auto-configuration. Nothing listens where the URL points to, so each is told which
 * database it is, and runs without the transaction that the slice begins.
 */
class DataTestSliceTests {

	private static final String URL = "crdb.url=postgresql://maxroach:secret@localhost:1/bank?sslmode=disable";

	private static final String NO_MIGRATION = "spring.flyway.enabled=false";

	private static void assertEverythingIsThere(ApplicationContext context) {
		assertThat(context.getBean(DataSource.class)).isInstanceOf(CrdbDataSource.class);
		Stream.of(CrdbTransactionTemplate.class, CrdbTransactionalAdvisor.class, SslBundles.class)
			.forEach((type) -> assertThat(context.getBeansOfType(type)).as(type.getName()).hasSize(1));
	}

	@Nested
	@DataJdbcTest(properties = { URL, NO_MIGRATION, "spring.data.jdbc.dialect=postgresql" })
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	class DataJdbc {

		@Test
		void dataSourceTemplateAndAnnotationAreThere(@Autowired ApplicationContext context) {
			assertEverythingIsThere(context);
		}

		@Test
		void typesAreConverted(@Autowired JdbcCustomConversions conversions, @Autowired JdbcClient client) {
			assertThat(conversions.isSimpleType(Jsonb.class)).isTrue();
			assertThat(conversions.isSimpleType(JsonNode.class)).isTrue();
			assertThat(client).isInstanceOf(CrdbJdbcClient.class);
		}

	}

	@Nested
	@DataJpaTest(
			properties = { URL, NO_MIGRATION, "spring.jpa.database-platform=org.hibernate.dialect.CockroachDialect",
					"spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false",
					"spring.jpa.hibernate.ddl-auto=none" })
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	class DataJpa {

		@Test
		void dataSourceTemplateAndAnnotationAreThere(@Autowired ApplicationContext context) {
			assertEverythingIsThere(context);
		}

		@Test
		void jsonIsTheApplications(@Autowired ApplicationContext context) {
			// Hibernate 7.2, of Spring Boot 4.0, has no such mapper
			assertThat(context.containsBean("crdbHibernateJsonCustomizer"))
				.isEqualTo(ClassUtils.isPresent(CrdbHibernateJsonAutoConfiguration.FORMAT_MAPPER, null));
		}

	}

	@Nested
	@JooqTest(properties = { URL, NO_MIGRATION, "spring.jooq.sql-dialect=postgres" })
	@ContextConfiguration(classes = Application.class)
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	class Jooq {

		@Test
		void dataSourceTemplateAndAnnotationAreThere(@Autowired ApplicationContext context) {
			assertEverythingIsThere(context);
		}

	}

	@SpringBootConfiguration
	@AutoConfigurationPackage
	static class Application {

	}

}
