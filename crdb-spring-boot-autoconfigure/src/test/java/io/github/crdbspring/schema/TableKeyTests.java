package io.github.crdbspring.schema;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TableKey}, with what several versions of CockroachDB say of a column.
 */
class TableKeyTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "null", textBlock = """
			bigint | nextval('sq':::STRING)                                 | a sequence
			bigint | nextval('public.t_id_seq'::REGCLASS)                   | a sequence
			bigint | unique_rowid()                                         | unique_rowid()
			bigint | unordered_unique_rowid()                               | null
			bigint | null                                                   | null
			uuid   | gen_random_uuid()                                      | null
			date   | null                                                   | date
			timestamp with time zone | now():::TIMESTAMPTZ                  | timestamp with time zone
			timestamp without time zone | null                              | timestamp without time zone
			text   | null                                                   | null
			""")
	void tellsWhereAscendingValuesComeFrom(String type, String defaultValue, String source) {
		TableKey key = new TableKey("public", "t", "id", type, defaultValue, false);
		assertThat(key.isMissing()).isFalse();
		assertThat(key.ascendingSource()).isEqualTo(source);
	}

	@Test
	void aHiddenRowIdIsNoKey() {
		TableKey key = new TableKey("public", "t", "rowid", "bigint", "unique_rowid()", true);
		assertThat(key.isMissing()).isTrue();
		assertThat(key.ascendingSource()).isNull();
		assertThat(new TableKey("public", "t", "rowid_1", "bigint", "unique_rowid()", true).isMissing()).isTrue();
	}

	@Test
	void aKeyThatIsNotListedIsNone() {
		TableKey key = new TableKey("public", "t", null, null, null, false);
		assertThat(key.isMissing()).isTrue();
		assertThat(key.ascendingSource()).isNull();
	}

	@Test
	void theHiddenColumnOfAHashShardedKeyIsFine() {
		TableKey key = new TableKey("public", "t", "crdb_internal_id_shard_16", "integer", null, true);
		assertThat(key.isMissing()).isFalse();
		assertThat(key.ascendingSource()).isNull();
	}

}
