package io.github.crdbspring.hibernate;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for arrays of CockroachDB's types as attributes of Hibernate's entities.
 */
@DatabaseTest
class HibernateArraysTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whatIsWrittenIsRead(boolean directly, TestDatabase database) {
		database.jdbc().sql("""
				CREATE TABLE IF NOT EXISTS arrays (id UUID PRIMARY KEY, small INT2[], medium INT4[], large INT8[],
				prices DECIMAL(20,4)[], ratios FLOAT8[], flags BOOL[], days DATE[], locals TIMESTAMP[],
				moments TIMESTAMPTZ[], instants TIMESTAMPTZ[])""").update();
		OffsetDateTime time = OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC);
		Arrays entity = new Arrays();
		entity.small = List.of((short) 1, (short) -2);
		entity.medium = List.of(1, -2);
		entity.large = List.of(Long.MIN_VALUE, 2L);
		entity.prices = List.of(new BigDecimal("1.5000"), new BigDecimal("-3.0000"));
		entity.ratios = List.of(1.5, -2.25);
		entity.flags = List.of(true, false);
		entity.days = List.of(LocalDate.of(2024, 2, 29));
		entity.locals = List.of(time.toLocalDateTime());
		entity.moments = List.of(time);
		entity.instants = List.of(time.toInstant());
		try (AnnotationConfigApplicationContext context = start(database, directly)) {
			EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
			factory.runInTransaction((entityManager) -> entityManager.persist(entity));
			Arrays read = factory.callInTransaction((entityManager) -> entityManager.find(Arrays.class, entity.id));
			assertThat(read).usingRecursiveComparison().isEqualTo(entity);
		}
	}

	private static AnnotationConfigApplicationContext start(TestDatabase database, boolean directly) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + database.url(), "spring.jpa.hibernate.ddl-auto=none", "spring.jpa.open-in-view=false",
					"spring.datasource.hikari.maximum-pool-size=2",
					"spring.jpa.properties.hibernate.type.java_time_use_direct_jdbc=" + directly)
			.applyTo(context);
		context.register(Application.class);
		context.refresh();
		return context;
	}

	/**
	 * An entity with arrays.
	 */
	@Entity(name = "arrays")
	static class Arrays {

		@Id
		UUID id = UUID.randomUUID();

		@Nullable List<Short> small;

		@Nullable List<Integer> medium;

		@Nullable List<Long> large;

		@Nullable List<BigDecimal> prices;

		@Nullable List<Double> ratios;

		@Nullable List<Boolean> flags;

		@Nullable List<LocalDate> days;

		@Nullable List<LocalDateTime> locals;

		@Nullable List<OffsetDateTime> moments;

		@Nullable List<Instant> instants;

	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
			TransactionAutoConfiguration.class, HibernateJpaAutoConfiguration.class })
	static class Application {

	}

}
