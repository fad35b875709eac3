package io.github.crdbspring.schema;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SchemaCheck} on CockroachDB's own catalog.
 */
@DatabaseTest
@RequiresCockroach
@ExtendWith(OutputCaptureExtension.class)
class SchemaCheckTests {

	private final SchemaCheck check = new SchemaCheck(10_000);

	private final JdbcClient jdbc;

	private final CrdbDataSource dataSource;

	private final TestDatabase database;

	SchemaCheckTests(TestDatabase database) {
		this.database = database;
		this.jdbc = database.jdbc();
		this.dataSource = database.dataSource();
	}

	@AfterEach
	void dropTables() {
		this.jdbc
			.sql("SELECT table_schema || '.' || table_name FROM information_schema.tables "
					+ "WHERE table_type = 'BASE TABLE'")
			.query(String.class)
			.list()
			.forEach((table) -> create("DROP TABLE " + table + " CASCADE"));
		create("DROP SEQUENCE IF EXISTS number");
		create("DROP SCHEMA IF EXISTS other CASCADE");
	}

	@Test
	void aTableWithoutAPrimaryKeyIsFound(CapturedOutput output) {
		create("CREATE TABLE keyless (n INT)");
		create("CREATE TABLE taken (rowid INT, n INT)");
		create("CREATE TABLE keyed (id UUID PRIMARY KEY)");
		assertThat(warning(output)).contains("DataSource 'bank': tables without a primary key")
			.contains(": public.keyless, public.taken. Declare");
	}

	@Test
	void aKeyThatAscendsIsFound(CapturedOutput output) {
		create("CREATE SEQUENCE number");
		create("CREATE TABLE a (id INT PRIMARY KEY DEFAULT nextval('number'))");
		create("CREATE TABLE b (id SERIAL PRIMARY KEY)");
		create("CREATE TABLE c (at TIMESTAMPTZ, n INT, CONSTRAINT my_key PRIMARY KEY (at DESC, n))");
		create("CREATE TABLE d (at TIMESTAMP PRIMARY KEY)");
		create("CREATE TABLE e (day DATE PRIMARY KEY)");
		create("CREATE TABLE f (rowid INT PRIMARY KEY DEFAULT unique_rowid())");
		assertThat(warning(output)).contains("DataSource 'bank': tables whose primary key starts with ascending values")
			.contains(": public.a (id: a sequence), public.b (id: unique_rowid()), "
					+ "public.c (at: timestamp with time zone), public.d (at: timestamp without time zone), "
					+ "public.e (day: date), public.f (rowid: unique_rowid()). If");
	}

	@Test
	@RequiresCockroach("21.2")
	void anIdentityIsFound(CapturedOutput output) {
		create("CREATE TABLE a (id INT PRIMARY KEY GENERATED ALWAYS AS IDENTITY)");
		assertThat(warning(output)).contains("public.a (id: a sequence)");
	}

	@Test
	void otherKeysAreFine(CapturedOutput output) throws Exception {
		create("CREATE SEQUENCE number");
		create("CREATE TABLE a (id UUID PRIMARY KEY DEFAULT gen_random_uuid())");
		create("CREATE TABLE b (id INT PRIMARY KEY)");
		create("CREATE TABLE c (tenant UUID, at TIMESTAMPTZ, PRIMARY KEY (tenant, at))");
		create("CREATE TABLE d (name STRING PRIMARY KEY, n INT DEFAULT nextval('number'))");
		createHashSharded();
		create("CREATE VIEW v AS SELECT at FROM c");
		this.check.check("bank", this.dataSource);
		assertThat(warnings(output)).isEmpty();
	}

	private void createHashSharded() throws Exception {
		try (Connection connection = this.dataSource.getConnection(); var statement = connection.createStatement()) {
			// Development builds of 22.1 have one or the other
			boolean experimental = this.jdbc
				.sql("SELECT count(*) FROM [SHOW ALL] WHERE variable = 'experimental_enable_hash_sharded_indexes'")
				.query(Integer.class)
				.single() > 0;
			if (experimental) {
				statement.execute("SET experimental_enable_hash_sharded_indexes = on");
			}
			statement.execute("CREATE TABLE e (id INT DEFAULT nextval('number'), PRIMARY KEY (id) USING HASH WITH "
					+ (experimental ? "BUCKET_COUNT = 8)" : "(bucket_count = 8))"));
			if (experimental) {
				statement.execute("SET experimental_enable_hash_sharded_indexes = off");
			}
		}
	}

	@Test
	void everySchemaOfTheDatabaseIsLookedAtAndNoOtherDatabase(CapturedOutput output) {
		create("CREATE SCHEMA other");
		create("CREATE TABLE other.keyless (n INT)");
		create("CREATE DATABASE IF NOT EXISTS elsewhere");
		create("CREATE TABLE IF NOT EXISTS elsewhere.public.keyless (n INT)");
		assertThat(warning(output)).contains(": other.keyless. Declare");
	}

	@Test
	void aLongListIsCut(CapturedOutput output) {
		for (int i = 0; i < 23; i++) {
			create("CREATE TABLE keyless_%02d (n INT)".formatted(i));
		}
		assertThat(warning(output)).contains("public.keyless_19 and 3 more. Declare").doesNotContain("keyless_20");
	}

	/**
	 * As an ordinary user, in one statement, in a pool without auto-commit, which gets
	 * its connection back as it was.
	 */
	@Test
	void itIsOneQueryWithoutAnySpecialPrivilege(CapturedOutput output) throws Exception {
		create("CREATE TABLE keyless (n INT)");
		create("CREATE USER IF NOT EXISTS clerk");
		create("GRANT SELECT ON TABLE keyless TO clerk");
		try (WireProxy proxy = this.database.proxy()) {
			var pool = this.database.pool(1, proxy);
			pool.setUsername("clerk");
			pool.setAutoCommit(false);
			CrdbDataSource clerks = new CrdbDataSource(pool);
			clerks.getServerInfo();
			proxy.clear();
			this.check.check("clerks", clerks);
			assertThat(proxy.statements()).hasSize(3).first().isEqualTo("BEGIN");
			assertThat(proxy.statements()).last().isEqualTo("ROLLBACK");
			assertThat(warnings(output)).singleElement().asString().contains("'clerks'", "public.keyless");
			try (Connection connection = clerks.getConnection()) {
				assertThat(connection.getNetworkTimeout()).isZero();
			}
		}
	}

	@Test
	void aServerThatDoesNotAnswerIsNotWaitedForLong(CapturedOutput output) throws Exception {
		try (WireProxy proxy = this.database.proxy()) {
			CrdbDataSource silent = new CrdbDataSource(this.database.pool(1, proxy));
			silent.getServerInfo();
			proxy.failNext("SELECT t.table_schema", Fault.SILENCE);
			long start = System.nanoTime();
			new SchemaCheck(300).check("silent", silent);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
			assertThat(warnings(output)).singleElement().asString().contains("'silent'", "could not be checked");
			assertThat(JdbcClient.create(silent).sql("SELECT 1").query(Integer.class).single()).isOne();
		}
	}

	private void create(String sql) {
		this.jdbc.sql(sql).update();
	}

	private String warning(CapturedOutput output) {
		this.check.check("bank", this.dataSource);
		assertThat(warnings(output)).hasSize(1);
		return warnings(output).get(0);
	}

	private static List<String> warnings(CapturedOutput output) {
		return output.getAll()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains("DataSource '"))
			.toList();
	}

}
