package io.github.crdbspring.stack;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.DriverInfo;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.BatchPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.SimpleJdbcInsert;
import org.springframework.jdbc.support.GeneratedKeyHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for keys that the database makes, and that Spring's JDBC support hands back.
 */
@DatabaseTest
class GeneratedKeysTests {

	private static final List<String> NAMES = IntStream.range(0, 100).mapToObj((i) -> "name " + i).toList();

	private final TestDatabase database;

	private final WireProxy proxy;

	private CrdbDataSource dataSource;

	GeneratedKeysTests(TestDatabase database) {
		this.database = database;
		this.proxy = database.proxy();
	}

	@BeforeEach
	void createTables() {
		this.database.jdbc().sql("""
				CREATE TABLE article (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name TEXT NOT NULL)""").update();
		this.database.jdbc().sql("CREATE TABLE ticket (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL)").update();
		connect(true);
	}

	private void connect(boolean rewriteBatches) {
		HikariDataSource pool = this.database.pool(1, this.proxy);
		pool.addDataSourceProperty("reWriteBatchedInserts", String.valueOf(rewriteBatches));
		this.dataSource = new CrdbDataSource(pool);
		this.dataSource.getServerInfo();
		this.proxy.clear();
	}

	@AfterEach
	void dropTables() throws Exception {
		this.database.jdbc().sql("DROP TABLE article").update();
		this.database.jdbc().sql("DROP TABLE ticket").update();
		this.proxy.close();
	}

	@Test
	void aKeyHolderOfJdbcClient() {
		JdbcClient jdbc = JdbcClient.create(this.dataSource);
		GeneratedKeyHolder article = new GeneratedKeyHolder();
		jdbc.sql("INSERT INTO article (name) VALUES (?)").param("a").update(article, "id");
		GeneratedKeyHolder ticket = new GeneratedKeyHolder();
		jdbc.sql("INSERT INTO ticket (name) VALUES (?)").param("t").update(ticket, "id");
		assertThat(name("article", article.getKeyAs(UUID.class))).isEqualTo("a");
		assertThat(name("ticket", ticket.getKey())).isEqualTo("t");
		assertThat(this.proxy.statements()).containsExactly("INSERT INTO article (name) VALUES ($1)\nRETURNING \"id\"",
				"INSERT INTO ticket (name) VALUES ($1)\nRETURNING \"id\"");
	}

	/**
	 * Without the column's name all columns come back, so that a key of several columns
	 * cannot be told apart.
	 */
	@Test
	void aKeyHolderWithoutTheColumnHasThemAll() {
		GeneratedKeyHolder keys = new GeneratedKeyHolder();
		JdbcClient.create(this.dataSource).sql("INSERT INTO ticket (name) VALUES (?)").param("t").update(keys);
		assertThat(keys.getKeys()).containsOnlyKeys("id", "name").containsEntry("name", "t");
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class).isThrownBy(keys::getKey);
	}

	@Test
	void returning() {
		JdbcClient jdbc = JdbcClient.create(this.dataSource);
		UUID article = jdbc.sql("INSERT INTO article (name) VALUES (:name) RETURNING id")
			.param("name", "a")
			.query(UUID.class)
			.single();
		long ticket = jdbc.sql("INSERT INTO ticket (name) VALUES (:name) RETURNING id")
			.param("name", "t")
			.query(Long.class)
			.single();
		assertThat(name("article", article)).isEqualTo("a");
		assertThat(name("ticket", ticket)).isEqualTo("t");
		assertThat(this.proxy.statements()).hasSize(2);
	}

	@Test
	void returningOfSeveralRowsInOneStatement() {
		List<Item> items = JdbcClient.create(this.dataSource)
			.sql("INSERT INTO article (name) SELECT unnest(?) RETURNING id, name")
			.param(NAMES.toArray(new String[0]))
			.query(Item.class)
			.list();
		assertThat(items).extracting(Item::name).containsExactlyInAnyOrderElementsOf(NAMES);
		Map<Object, String> names = names("article");
		assertThat(items).allSatisfy((item) -> assertThat(names.get(item.id())).isEqualTo(item.name()));
		assertThat(this.proxy.statements()).hasSize(1);
	}

	/**
	 * The driver writes no multi-row inserts where keys come back, which are in the order
	 * of the batch. It does not wait for each if it knows how long a key is.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aBatchWithAKeyHolder(boolean rewriteBatches) {
		connect(rewriteBatches);
		for (String table : List.of("article", "ticket")) {
			this.proxy.clear();
			GeneratedKeyHolder keys = new GeneratedKeyHolder();
			insertBatch("INSERT INTO " + table + " (name) VALUES (?)", keys);
			assertThat(this.proxy.roundTrips()).isLessThan(5);
			Map<Object, String> names = names(table);
			assertThat(keys.getKeyList()).extracting((row) -> names.get(row.get("id"))).isEqualTo(NAMES);
			assertThat(inserts()).hasSize(NAMES.size());
		}
	}

	/**
	 * 42.7.11 does not wait.
	 */
	@Test
	void aBatchWithKeysOfAnyLengthWaitsForEach() {
		Assumptions.assumeTrue(DriverInfo.MINOR_VERSION > 7 || DriverInfo.PATCH_VERSION >= 13,
				() -> "Driver " + DriverInfo.DRIVER_VERSION);
		GeneratedKeyHolder keys = new GeneratedKeyHolder();
		new JdbcTemplate(this.dataSource).batchUpdate((connection) -> connection
			.prepareStatement("INSERT INTO ticket (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS), setter(NAMES),
				keys);
		assertThat(keys.getKeyList()).extracting((row) -> row.get("name")).isEqualTo(NAMES);
		assertThat(this.proxy.roundTrips()).as("since all columns come back").isGreaterThanOrEqualTo(NAMES.size());
	}

	@Test
	void aBatchWithoutAKeyHolderIsRewritten() {
		new JdbcTemplate(this.dataSource).batchUpdate("INSERT INTO article (name) VALUES (?)", setter(NAMES));
		assertThat(names("article").values()).containsExactlyInAnyOrderElementsOf(NAMES);
		assertThat(inserts()).as("of 64, 32 and 4 rows").hasSize(3);
	}

	@Test
	void simpleJdbcInsertLooksTheTableUpOnce() {
		SimpleJdbcInsert articles = new SimpleJdbcInsert(this.dataSource).withTableName("article")
			.usingGeneratedKeyColumns("id");
		Map<String, Object> keys = articles.executeAndReturnKeyHolder(Map.of("name", "a")).getKeys();
		assertThat(name("article", keys.get("id"))).isEqualTo("a");
		this.proxy.clear();
		articles.executeAndReturnKeyHolder(Map.of("name", "b"));
		assertThat(this.proxy.statements()).singleElement().asString().startsWith("INSERT");
		Number ticket = new SimpleJdbcInsert(this.dataSource).withTableName("ticket")
			.usingGeneratedKeyColumns("id")
			.executeAndReturnKey(Map.of("name", "t"));
		assertThat(name("ticket", ticket)).isEqualTo("t");
		articles.executeBatch(new MapSqlParameterSource("name", "c"), new MapSqlParameterSource("name", "d"));
		assertThat(names("article").values()).containsExactlyInAnyOrder("a", "b", "c", "d");
	}

	/**
	 * A row id is larger than what a number of JavaScript's holds exactly.
	 */
	@Test
	@RequiresCockroach
	void aRowIdIsTooLargeForJavaScript() {
		GeneratedKeyHolder keys = new GeneratedKeyHolder();
		JdbcClient.create(this.dataSource).sql("INSERT INTO ticket (name) VALUES (?)").param("t").update(keys, "id");
		assertThat(keys.getKey().longValue()).isGreaterThan(1L << 53);
	}

	private void insertBatch(String sql, GeneratedKeyHolder keys) {
		new JdbcTemplate(this.dataSource)
			.batchUpdate((connection) -> connection.prepareStatement(sql, new String[] { "id" }), setter(NAMES), keys);
	}

	private List<String> inserts() {
		return this.proxy.statements().stream().filter((sql) -> sql.startsWith("INSERT")).toList();
	}

	private static BatchPreparedStatementSetter setter(List<String> names) {
		return new BatchPreparedStatementSetter() {

			@Override
			public void setValues(PreparedStatement statement, int i) throws SQLException {
				statement.setString(1, names.get(i));
			}

			@Override
			public int getBatchSize() {
				return names.size();
			}

		};
	}

	private String name(String table, Object id) {
		return names(table).get(id);
	}

	private Map<Object, String> names(String table) {
		return this.database.jdbc()
			.sql("SELECT id, name FROM " + table)
			.query()
			.listOfRows()
			.stream()
			.collect(Collectors.toMap((row) -> row.get("id"), (row) -> (String) row.get("name")));
	}

	/**
	 * A row of the articles.
	 */
	record Item(UUID id, String name) {

	}

}
