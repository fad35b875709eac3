package io.github.crdbspring.type;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A table with one column of the type under test, through a guarded DataSource and the
 * client that is auto-configured.
 */
final class TypesTable {

	private static final AtomicInteger number = new AtomicInteger();

	private final JdbcClient jdbc;

	private final DataSource dataSource;

	TypesTable(TestDatabase database) {
		HikariDataSource pool = database.pool(2);
		pool.addDataSourceProperty("options", "-c extra_float_digits=3");
		CrdbDataSource guarded = new CrdbDataSource(pool);
		this.dataSource = guarded;
		this.jdbc = new CrdbJdbcClient(new NamedParameterJdbcTemplate(guarded),
				new CrdbConversionService(new JacksonJsonbMapper(new JsonMapper())));
		this.jdbc.sql("CREATE TYPE mood AS ENUM ('SAD', 'HAPPY')").update();
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	DataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Write a value and read it back.
	 * @param columnType the column's type
	 * @param value the value, which may be {@code null}
	 * @param javaType the class to read
	 * @return what was read
	 */
	<T> @Nullable T roundTrip(String columnType, @Nullable Object value, Class<T> javaType) {
		String table = "t" + number.incrementAndGet();
		this.jdbc.sql("CREATE TABLE " + table + " (id INT PRIMARY KEY, value " + columnType + ")").update();
		this.jdbc.sql("INSERT INTO " + table + " VALUES (1, ?)").param(value).update();
		this.jdbc.sql("INSERT INTO " + table + " VALUES (2, :value)").param("value", value).update();
		List<T> values = this.jdbc.sql("SELECT value FROM " + table + " ORDER BY id").query(javaType).list();
		this.jdbc.sql("DROP TABLE " + table).update();
		return values.get(1);
	}

}
