package io.github.crdbspring.jdbc;

import java.sql.SQLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is said about queries that are not at home in one region. The errors are
 * made by hand, as CockroachDB's source words them: no server here has several regions.
 */
class HomeRegionTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			Query has no home region. Try adding a LIMIT clause. For more information, see … | crdb_region
			Query has no home region. Try running the query from region 'us-east1'.           | crdb_region
			Query is not running in its home region. Try running the query from region 'eu'.  | instance in that region
			""")
	void theErrorSaysWhatToDo(String message, String advice) {
		SQLException failure = error("XCHR1", message);
		SQLException explained = MissingFeature.explain("SELECT * FROM rider", failure);
		assertThat((Throwable) explained).hasMessageContaining(message)
			.hasMessageContaining(advice)
			.hasMessageContaining("enforce_home_region")
			.hasCause(failure);
		assertThat(explained.getSQLState()).isEqualTo("XCHR1");
	}

	@Test
	void anotherErrorIsLeftAsItIs() {
		SQLException failure = error("42P01", "relation \"rider\" does not exist");
		assertThat((Throwable) MissingFeature.explain("SELECT * FROM rider", failure)).isSameAs(failure);
	}

	private static SQLException error(String sqlState, String message) {
		return new PSQLException(new ServerErrorMessage("SERROR\0VERROR\0C" + sqlState + "\0M" + message + "\0"));
	}

}
