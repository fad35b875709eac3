package io.github.crdbspring.data;

import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.crdbspring.autoconfigure.CrdbDataJdbcAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbJsonbAutoConfiguration;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.type.Inet;
import io.github.crdbspring.type.Interval;
import io.github.crdbspring.type.Jsonb;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.query.Query;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for CockroachDB's types as properties of Spring Data JDBC's entities.
 */
class DataJdbcTypesTests extends EntityTests {

	@BeforeAll
	static void start(TestDatabase database) {
		start(database, Application.class, "CREATE TYPE mood AS ENUM ('SAD', 'HAPPY')",
				"""
						CREATE TABLE scalars (id UUID PRIMARY KEY, small INT2, medium INT4, large INT8, price DECIMAL(20,4),
						ratio FLOAT8, flag BOOL, label VARCHAR, content BYTEA, day DATE, instant TIMESTAMPTZ, moment TIMESTAMPTZ,
						local TIMESTAMP, hour TIME, mood VARCHAR)""",
				"""
						CREATE TABLE objects (id UUID PRIMARY KEY, json JSONB, node JSONB, payload JSONB, attributes JSONB,
						duration INTERVAL, period INTERVAL, both_of_them INTERVAL, address INET, network INET)""",
				"""
						CREATE TABLE lists (id UUID PRIMARY KEY, labels VARCHAR[], ids UUID[], counts INT8[], names VARCHAR[],
						moods VARCHAR[])""");
	}

	@Test
	void scalars() {
		OffsetDateTime time = OffsetDateTime.of(2026, 3, 29, 2, 30, 0, 123456000, ZoneOffset.UTC);
		Scalars scalars = new Scalars(UUID.randomUUID(), (short) 1, 2, Long.MAX_VALUE, new BigDecimal("1.5000"),
				Math.PI, true, "ä", new byte[] { 0, -1 }, LocalDate.of(2024, 2, 29), time.toInstant(), time,
				time.toLocalDateTime(), LocalTime.of(1, 2, 3), Mood.HAPPY);
		assertThat(insertAndRead(scalars, scalars.id())).usingRecursiveComparison().isEqualTo(scalars);
	}

	@Test
	void objects() throws Exception {
		Objects objects = new Objects(UUID.randomUUID(), Jsonb.of("[1, 2]"),
				new JsonMapper().readTree("{\"a\": [true]}"), new Payload("tea", List.of(1, 2)), Map.of("key", "value"),
				Duration.ofSeconds(-5, 1000), Period.of(1, 2, -3), new Interval(1, 2, 3),
				InetAddress.getByName("10.0.0.1"), Inet.parse("10.0.0.1/24"));
		assertThat(insertAndRead(objects, objects.id())).isEqualTo(objects);
		assertThat(template.findAll(Query.query(Criteria.where("duration").is(objects.duration())), Objects.class))
			.containsExactly(objects);
	}

	@Test
	void lists() {
		Lists lists = new Lists(UUID.randomUUID(), List.of("a", "b,c"), Set.of(UUID.randomUUID()), List.of(1L, 2L),
				new String[] { "x", null }, List.of(Mood.SAD, Mood.HAPPY));
		assertThat(insertAndRead(lists, lists.id())).usingRecursiveComparison().isEqualTo(lists);
	}

	/**
	 * Spring Data JDBC has the driver read a {@link java.sql.Time}, which has no more.
	 */
	@Test
	void aLocalTimeIsReadInMilliseconds() {
		UUID id = UUID.randomUUID();
		Scalars scalars = new Scalars(id, null, null, null, null, null, null, null, null, null, null, null, null,
				LocalTime.of(1, 2, 3, 123456000), null);
		assertThat(insertAndRead(scalars, id).hour()).isEqualTo(LocalTime.of(1, 2, 3));
	}

	@Test
	void nulls() {
		UUID id = UUID.randomUUID();
		Scalars scalars = new Scalars(id, null, null, null, null, null, null, null, null, null, null, null, null, null,
				null);
		assertThat(insertAndRead(scalars, id)).isEqualTo(scalars);
		Objects objects = new Objects(id, null, null, null, null, null, null, null, null, null);
		assertThat(insertAndRead(objects, id)).isEqualTo(objects);
	}

	private static <T> T insertAndRead(T entity, UUID id) {
		template.insert(entity);
		@SuppressWarnings("unchecked")
		Class<T> type = (Class<T>) entity.getClass();
		T read = template.findById(id, type);
		assertThat(read).isNotNull();
		return read;
	}

	enum Mood {

		SAD, HAPPY

	}

	@Table("scalars")
	record Scalars(@Id UUID id, @Nullable Short small, @Nullable Integer medium, @Nullable Long large,
			@Nullable BigDecimal price, @Nullable Double ratio, @Nullable Boolean flag, @Nullable String label,
			byte @Nullable [] content, @Nullable LocalDate day, @Nullable Instant instant,
			@Nullable OffsetDateTime moment, @Nullable LocalDateTime local, @Nullable LocalTime hour,
			@Nullable Mood mood) {

	}

	@Table("objects")
	record Objects(@Id UUID id, @Nullable Jsonb json, @Nullable JsonNode node, @Nullable Payload payload,
			@Nullable Map<String, Object> attributes, @Nullable Duration duration, @Nullable Period period,
			@Nullable Interval bothOfThem, @Nullable InetAddress address, @Nullable Inet network) {

	}

	@Table("lists")
	record Lists(@Id UUID id, List<String> labels, Set<UUID> ids, List<Long> counts, String[] names, List<Mood> moods) {

	}

	record Payload(String name, List<Integer> numbers) {

	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbJsonbAutoConfiguration.class,
			CrdbDataJdbcAutoConfiguration.class, DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, JacksonAutoConfiguration.class,
			DataJdbcRepositoriesAutoConfiguration.class })
	static class Application {

		@Bean
		JsonbTypes jsonbTypes() {
			return JsonbTypes.of(Payload.class, Map.class);
		}

	}

}
