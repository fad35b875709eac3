package io.github.crdbspring.type;

import java.sql.SQLException;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PGobject;

import org.springframework.core.convert.ConversionException;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Vector}, and for the other types that no server here has: what the
 * driver makes of them is made by hand.
 */
@DatabaseTest
class VectorTests {

	private final CrdbConversionService conversions = new CrdbConversionService(null);

	@Test
	void itIsReadAndWritten() {
		Vector vector = Vector.parse("[1,2.5,-3e-2]");
		assertThat(vector.toArray()).containsExactly(1f, 2.5f, -0.03f);
		assertThat(vector).hasToString("[1.0,2.5,-0.03]")
			.isEqualTo(Vector.of(1f, 2.5f, -0.03f))
			.hasSameHashCodeAs(Vector.of(1f, 2.5f, -0.03f))
			.isNotEqualTo(Vector.of(1f));
		assertThat(Vector.parse(vector.toString())).isEqualTo(vector);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "[]", "1,2", "[1,]", "[a]", "[1,2", "[NaN]", "[Infinity]", "{1,2}" })
	void anythingElseIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Vector.parse(text));
	}

	@Test
	void itCannotBeChanged() {
		float[] elements = { 1, 2 };
		Vector vector = Vector.of(elements);
		elements[0] = 9;
		vector.toArray()[0] = 9;
		assertThat(vector.toArray()).containsExactly(1, 2);
	}

	@Test
	void aColumnIsReadAsAnArrayOrAsAVector() throws SQLException {
		PGobject column = DriverObjects.create("vector", "[1,2.5]");
		assertThat(this.conversions.convert(column, float[].class)).containsExactly(1f, 2.5f);
		assertThat(this.conversions.convert(column, Vector.class)).isEqualTo(Vector.of(1f, 2.5f));
		assertThatExceptionOfType(ConversionException.class)
			.isThrownBy(() -> this.conversions.convert(DriverObjects.create("inet", "::1"), float[].class));
	}

	@Test
	void aParameterIsATextWithoutAType(TestDatabase database) {
		JdbcClient jdbc = new CrdbJdbcClient(new NamedParameterJdbcTemplate(new CrdbDataSource(database.pool(1))),
				this.conversions);
		assertThat(jdbc.sql("SELECT CAST(? AS TEXT)").param(Vector.of(1f, 2.5f)).query(String.class).single())
			.isEqualTo("[1.0,2.5]");
	}

}
