import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;
import org.springframework.data.relational.core.dialect.IdGeneration;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.data.relational.core.sql.SqlIdentifier;

abstract class Surroundings {

	record Article(UUID id, String name) {
	}

	record KeysOnly(IdGeneration postgres) implements IdGeneration {
	}

	JdbcClient jdbc;

	JdbcTemplate jdbcTemplate;

	String name;

	List<String> names;

}
