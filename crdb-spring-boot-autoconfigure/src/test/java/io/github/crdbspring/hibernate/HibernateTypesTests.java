package io.github.crdbspring.hibernate;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbHibernateJsonAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for CockroachDB's types as attributes of Hibernate's entities.
 */
@DatabaseTest
class HibernateTypesTests {

	private static TestDatabase database;

	private static AnnotationConfigApplicationContext context;

	private static EntityManagerFactory factory;

	@BeforeAll
	static void start(TestDatabase testDatabase) {
		database = testDatabase;
		testDatabase.jdbc().sql("CREATE TYPE mood AS ENUM ('SAD', 'HAPPY')").update();
		testDatabase.jdbc()
			.sql("""
					CREATE TABLE everything (id UUID PRIMARY KEY, small INT2, medium INT4, large INT8, price DECIMAL(20,4),
					ratio FLOAT8, flag BOOL, label VARCHAR, content BYTEA, a_day DATE, instant TIMESTAMPTZ, moment TIMESTAMPTZ,
					local TIMESTAMP, hours TIME, mood mood, mood_text VARCHAR, duration INTERVAL,
					address INET, payload JSONB, attributes JSONB, labels VARCHAR[], ids UUID[], counts INT8[])""")
			.update();
		context = start("spring.jpa.properties.hibernate.type.java_time_use_direct_jdbc=true");
		factory = context.getBean(EntityManagerFactory.class);
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	@Test
	void whatIsWrittenIsRead() throws Exception {
		OffsetDateTime time = OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC);
		Everything entity = new Everything();
		entity.small = 1;
		entity.medium = 2;
		entity.large = Long.MAX_VALUE;
		entity.price = new BigDecimal("1.5000");
		entity.ratio = Math.PI;
		entity.flag = true;
		entity.label = "ä";
		entity.content = new byte[] { 0, -1 };
		entity.day = LocalDate.of(-100, 3, 1);
		entity.instant = time.toInstant();
		entity.moment = time;
		entity.local = time.toLocalDateTime();
		entity.hours = LocalTime.of(1, 2, 3, 123456000);
		entity.mood = Mood.HAPPY;
		entity.moodText = Mood.SAD;
		entity.duration = Duration.ofSeconds(-90061, 500_000_000);
		entity.address = InetAddress.getByName("10.0.0.1");
		entity.payload = new Payload("tea", List.of(1, 2));
		entity.attributes = Map.of("key", "value");
		entity.labels = Arrays.asList("a", "b,c", null);
		entity.ids = new UUID[] { UUID.randomUUID() };
		entity.counts = List.of(1L, 2L);
		assertThat(insertAndRead(entity)).usingRecursiveComparison().isEqualTo(entity);
		if (ClassUtils.isPresent("org.hibernate.type.format.jackson.Jackson3JsonFormatMapper", null)) {
			assertThat(database.jdbc()
				.sql("SELECT CAST(payload AS VARCHAR) FROM everything WHERE id = ?")
				.param(entity.id)
				.query(String.class)
				.single()).as("with the application's mapper").contains("some_numbers");
		}
	}

	@Test
	void nullIsNull() {
		Everything entity = new Everything();
		assertThat(insertAndRead(entity)).usingRecursiveComparison().isEqualTo(entity);
	}

	@Test
	void withoutTheSettingDatesAndTimesGoThroughTheTypesOfJavaSql() {
		try (AnnotationConfigApplicationContext defaults = start()) {
			Everything entity = new Everything();
			entity.day = LocalDate.of(-100, 3, 1);
			entity.hours = LocalTime.of(1, 2, 3, 123456000);
			entity.local = LocalDateTime.of(2026, 3, 29, 2, 30, 0, 123456000);
			Everything read = insertAndRead(defaults.getBean(EntityManagerFactory.class), entity);
			assertThat(read.day).isNotEqualTo(entity.day);
			assertThat(read.hours).isNotEqualTo(entity.hours);
			assertThat(read.local).isEqualTo(entity.local);
		}
	}

	private static AnnotationConfigApplicationContext start(String... properties) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + database.url(), "spring.jpa.hibernate.ddl-auto=none", "spring.jpa.open-in-view=false",
					"spring.datasource.hikari.maximum-pool-size=2")
			.and(properties)
			.applyTo(context);
		context.register(Application.class);
		context.refresh();
		return context;
	}

	private static Everything insertAndRead(Everything entity) {
		return insertAndRead(factory, entity);
	}

	private static Everything insertAndRead(EntityManagerFactory factory, Everything entity) {
		factory.runInTransaction((entityManager) -> entityManager.persist(entity));
		return factory.callInTransaction((entityManager) -> entityManager.find(Everything.class, entity.id));
	}

	enum Mood {

		SAD, HAPPY

	}

	record Payload(String name, List<Integer> someNumbers) {

	}

	/**
	 * An entity with an attribute of every type.
	 */
	@Entity(name = "everything")
	static class Everything {

		@Id
		UUID id = UUID.randomUUID();

		@Nullable Short small;

		@Nullable Integer medium;

		@Nullable Long large;

		@Nullable BigDecimal price;

		@Nullable Double ratio;

		@Nullable Boolean flag;

		@Nullable String label;

		byte @Nullable [] content;

		@Column(name = "a_day")
		@Nullable LocalDate day;

		@Nullable Instant instant;

		@Nullable OffsetDateTime moment;

		@Nullable LocalDateTime local;

		@Nullable LocalTime hours;

		@Enumerated
		@JdbcTypeCode(SqlTypes.NAMED_ENUM)
		@Nullable Mood mood;

		@Enumerated(EnumType.STRING)
		@Nullable Mood moodText;

		@JdbcTypeCode(SqlTypes.INTERVAL_SECOND)
		@Nullable Duration duration;

		@JdbcTypeCode(SqlTypes.INET)
		@Nullable InetAddress address;

		@JdbcTypeCode(SqlTypes.JSON)
		@Nullable Payload payload;

		@JdbcTypeCode(SqlTypes.JSON)
		@Nullable Map<String, Object> attributes;

		@Nullable List<String> labels;

		UUID @Nullable [] ids;

		@Nullable List<Long> counts;

	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbHibernateJsonAutoConfiguration.class,
			DataSourceAutoConfiguration.class, TransactionAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class })
	static class Application {

		@Bean
		JsonMapper jsonMapper() {
			return JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
		}

	}

}
