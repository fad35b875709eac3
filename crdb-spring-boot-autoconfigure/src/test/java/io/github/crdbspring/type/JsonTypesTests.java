package io.github.crdbspring.type;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PGobject;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for JSON through {@code JdbcClient}.
 */
@DatabaseTest
class JsonTypesTests {

	private static TypesTable table;

	private final JsonbMapper mapper = new JacksonJsonbMapper(new JsonMapper());

	@BeforeAll
	static void createTable(TestDatabase database) {
		table = new TypesTable(database);
		table.jdbc()
			.sql("CREATE TABLE purchase (id UUID PRIMARY KEY, payload JSONB, extra JSONB, lines JSONB, ttl INTERVAL)")
			.update();
	}

	@BeforeEach
	void clear() {
		table.jdbc().sql("DELETE FROM purchase").update();
	}

	@Test
	void aRecordHasWhateverTheMapperReads() {
		Purchase purchase = insert();
		Purchase read = table.jdbc().sql("SELECT *, NULL AS missing FROM purchase").query(Purchase.class).single();
		assertThat(read).isEqualTo(purchase);
		assertThat(read.lines().get(0)).isInstanceOf(Line.class);
	}

	@Test
	void aColumnIsReadAsAnything() {
		Purchase purchase = insert();
		assertThat(table.jdbc()
			.sql("SELECT payload FROM purchase")
			.query(JsonNode.class)
			.single()
			.get("price")
			.decimalValue()).isEqualByComparingTo("1.50");
		assertThat(table.jdbc().sql("SELECT payload FROM purchase").query(String.class).single())
			.isEqualTo("{\"name\": \"tea\", \"price\": 1.50}");
		Jsonb lines = table.jdbc().sql("SELECT lines FROM purchase").query(Jsonb.class).single();
		assertThat(this.mapper.read(lines, new ParameterizedTypeReference<List<Line>>() {
		})).isEqualTo(purchase.lines());
		assertThat(this.mapper.read(lines, JsonNode.class)).hasSize(2);
	}

	@Test
	void parametersOfOtherTypesAreWrittenByTheMapper() {
		JsonNode node = new JsonMapper().readTree("{\"b\": [1, null, \"ä\"]}");
		assertThat(table.roundTrip("JSONB", this.mapper.write(node), JsonNode.class)).isEqualTo(node);
		assertThat(table.roundTrip("JSONB", this.mapper.write(null), String.class)).isEqualTo("null");
		assertThat(table.roundTrip("JSONB", this.mapper.write(List.of(1, 2)), Jsonb.class))
			.isEqualTo(Jsonb.of("[1, 2]"));
	}

	@Test
	void conditionsTakeJson() {
		insert();
		assertThat(table.jdbc()
			.sql("SELECT count(*) FROM purchase WHERE payload @> :part")
			.param("part", Jsonb.of("{\"name\": \"tea\"}"))
			.query(Integer.class)
			.single()).isOne();
		assertThat(new JdbcTemplate(table.dataSource()).queryForObject(
				"SELECT count(*) FROM purchase WHERE payload @> ?", Integer.class, Jsonb.of("{\"name\": \"coffee\"}")))
			.isZero();
	}

	@Test
	void whatIsNoSuchJsonIsAnError() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.mapper.read(Jsonb.of("{bad"), Payload.class))
			.withMessageContaining(Payload.class.getName());
		assertThatIllegalArgumentException().isThrownBy(() -> Jsonb.of(" "));
		assertThatIllegalArgumentException().isThrownBy(() -> this.mapper.write(new Unwritable(1)));
		assertThatException().isThrownBy(() -> table.roundTrip("JSONB", Jsonb.of("[1]"), Holder.class))
			.withStackTraceContaining("cannot be read as " + Payload.class.getName());
	}

	@Test
	void jacksonWritesTheJsonThatItIs() {
		Jsonb json = Jsonb.of("{\"a\": 1}");
		assertThat(new JsonMapper().writeValueAsString(Map.of("json", json))).isEqualTo("{\"json\":{\"a\": 1}}");
		assertThat(json).isEqualTo(Jsonb.of("{\"a\": 1}")).hasSameHashCodeAs(Jsonb.of("{\"a\": 1}")).isNotEqualTo("{}");
	}

	@Test
	void aClassThatReadsTheDriversObjectStillDoes() {
		table.jdbc().sql("INSERT INTO purchase (id, payload) VALUES (gen_random_uuid(), '[1]')").update();
		assertThat(table.jdbc()
			.sql("SELECT payload FROM purchase")
			.query(OwnHolder.class)
			.single()
			.payload()
			.object()
			.getValue()).isEqualTo("[1]");
	}

	@Test
	void withoutAMapperThereIsJsonb() {
		insert();
		CrdbJdbcClient client = new CrdbJdbcClient(new NamedParameterJdbcTemplate(table.dataSource()),
				new CrdbConversionService(null));
		assertThat(client.sql("SELECT lines FROM purchase").query(Jsonb.class).single().toString()).startsWith("[");
		assertThatException().isThrownBy(() -> client.sql("SELECT * FROM purchase").query(Purchase.class).single());
	}

	private Purchase insert() {
		Purchase purchase = new Purchase(UUID.randomUUID(), new Payload("tea", new BigDecimal("1.50")), Map.of("a", 1),
				List.of(new Line(1, "x"), new Line(2, "y")), Duration.ofHours(1), null);
		table.jdbc()
			.sql("INSERT INTO purchase VALUES (:id, :payload, :extra, :lines, :ttl)")
			.param("id", purchase.id())
			.param("payload", this.mapper.write(purchase.payload()))
			.param("extra", this.mapper.write(purchase.extra()))
			.param("lines", this.mapper.write(purchase.lines()))
			.param("ttl", purchase.ttl())
			.update();
		return purchase;
	}

	private record Purchase(UUID id, Payload payload, Map<String, Integer> extra, List<Line> lines, Duration ttl,
			@Nullable Payload missing) {

	}

	private record Payload(String name, BigDecimal price) {

	}

	private record Line(int number, String text) {

	}

	private record Unwritable(int number) {

		@Override
		public int number() {
			throw new IllegalStateException("That is not for writing");
		}

	}

	private record Holder(Payload value) {

	}

	private record OwnHolder(Own payload) {

	}

	public record Own(PGobject object) {

	}

}
