package io.github.crdbspring.data;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import io.github.crdbspring.autoconfigure.CrdbDataJdbcAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.type.Inet;
import io.github.crdbspring.type.Interval;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for arrays of CockroachDB's types as properties of Spring Data JDBC's entities.
 */
class DataJdbcArraysTests extends EntityTests {

	@BeforeAll
	static void start(TestDatabase database) {
		start(database, Application.class, """
				CREATE TABLE numbers (id UUID PRIMARY KEY, small INT2[], medium INT4[], large INT8[], prices DECIMAL[],
				ratios FLOAT8[], flags BOOL[])""", """
				CREATE TABLE times (id UUID PRIMARY KEY, days DATE[], locals TIMESTAMP[], moments TIMESTAMPTZ[],
				instants TIMESTAMPTZ[])""",
				"""
						CREATE TABLE others (id UUID PRIMARY KEY, durations INTERVAL[], periods INTERVAL[], intervals INTERVAL[],
						addresses INET[], networks INET[])""");
	}

	@Test
	void numbers() {
		insertAndRead(new Numbers(UUID.randomUUID(), List.of((short) 1, (short) -2), List.of(1, -2),
				List.of(Long.MIN_VALUE, 2L), List.of(new BigDecimal("1.50"), new BigDecimal("-3")), List.of(1.5, -2.25),
				List.of(true, false)), Numbers.class);
	}

	@Test
	void times() {
		OffsetDateTime time = OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC);
		insertAndRead(new Times(UUID.randomUUID(), List.of(LocalDate.of(2024, 2, 29)), List.of(time.toLocalDateTime()),
				List.of(time), List.of(time.toInstant())), Times.class);
	}

	@Test
	void others() throws Exception {
		insertAndRead(new Others(UUID.randomUUID(), List.of(Duration.ofSeconds(-5, 1000)), List.of(Period.of(1, 2, -3)),
				List.of(new Interval(1, 2, 3)), List.of(InetAddress.getByName("10.0.0.1")),
				List.of(Inet.parse("10.0.0.1/24"))), Others.class);
	}

	private static <T extends Entity> void insertAndRead(T entity, Class<T> type) {
		template.insert(entity);
		assertThat(template.findById(entity.id(), type)).isEqualTo(entity);
	}

	interface Entity {

		UUID id();

	}

	@Table("numbers")
	record Numbers(@Id UUID id, List<Short> small, List<Integer> medium, List<Long> large, List<BigDecimal> prices,
			List<Double> ratios, List<Boolean> flags) implements Entity {

	}

	@Table("times")
	record Times(@Id UUID id, List<LocalDate> days, List<LocalDateTime> locals, List<OffsetDateTime> moments,
			List<Instant> instants) implements Entity {

	}

	@Table("others")
	record Others(@Id UUID id, List<Duration> durations, List<Period> periods, List<Interval> intervals,
			List<InetAddress> addresses, List<Inet> networks) implements Entity {

	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbDataJdbcAutoConfiguration.class,
			DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class })
	static class Application {

	}

}
