package io.github.crdbspring.transaction;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link SystemTimeClause}.
 */
class SystemTimeClauseTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '~',
			textBlock = """
					SELECT a FROM t                                         | SELECT a FROM t #
					select a from t where id = ?                            | select a from t # where id = ?
					SELECT a FROM t ORDER BY a LIMIT 1                      | SELECT a FROM t # ORDER BY a LIMIT 1
					SELECT a FROM t JOIN u ON t.id = u.id GROUP BY a        | SELECT a FROM t JOIN u ON t.id = u.id # GROUP BY a
					SELECT a FROM t;                                        | SELECT a FROM t # ;
					SELECT (SELECT 1 FROM u WHERE x) FROM t WHERE y         | SELECT (SELECT 1 FROM u WHERE x) FROM t # WHERE y
					WITH u AS (SELECT 1 FROM v WHERE x) SELECT * FROM u     | WITH u AS (SELECT 1 FROM v WHERE x) SELECT * FROM u #
					SELECT 'FROM x WHERE' FROM t WHERE a = ' ORDER'         | SELECT 'FROM x WHERE' FROM t # WHERE a = ' ORDER'
					SELECT "where" FROM "order" WHERE "limit" = 1           | SELECT "where" FROM "order" # WHERE "limit" = 1
					SELECT a /* FROM u WHERE */ FROM t WHERE b              | SELECT a /* FROM u WHERE */ FROM t # WHERE b
					SELECT extract(day FROM d) FROM t WHERE b               | SELECT extract(day FROM d) FROM t # WHERE b
					SELECT a IS DISTINCT FROM b FROM t WHERE b              | SELECT a IS DISTINCT FROM b FROM t # WHERE b
					SELECT where_clause, from_date FROM t_where WHERE b     | SELECT where_clause, from_date FROM t_where # WHERE b
					""")
	void itIsPutBehindFrom(String sql, String expected) {
		assertThat(SystemTimeClause.insert(sql, "'-10s'").replaceAll("\\s+", " ").strip())
			.isEqualTo(expected.strip().replace("#", "AS OF SYSTEM TIME '-10s'"));
	}

	@Test
	void aCommentAtTheEndDoesNotHideIt() {
		assertThat(SystemTimeClause.insert("SELECT a FROM t -- WHERE", "'-1s'"))
			.isEqualTo("SELECT a FROM t -- WHERE\nAS OF SYSTEM TIME '-1s'");
		assertThat(SystemTimeClause.insert("SELECT a FROM t -- all\nWHERE b", "'-1s'"))
			.isEqualTo("SELECT a FROM t -- all\n\nAS OF SYSTEM TIME '-1s' WHERE b");
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT 1", "SELECT 'FROM t'", "SELECT a FROM t UNION SELECT b FROM u",
			"SELECT a FROM t FOR UPDATE", "DELETE FROM t", "UPDATE t SET a = 1 FROM u", "INSERT INTO t SELECT * FROM u",
			"SELECT a FROM t; SELECT b FROM u", "SELECT a FROM t; DROP TABLE t",
			"SELECT a FROM t AS OF SYSTEM TIME '-1s'", "SELECT a FROM t as of system time '-1s' WHERE b", "" })
	void everythingElseIsRefused(String sql) {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTimeClause.insert(sql, "'-10s'"))
			.withMessageContaining("a single query with a FROM clause only");
	}

	@Test
	void literalsAreNotRepeatedInTheMessage() {
		assertThatIllegalArgumentException().isThrownBy(() -> SystemTimeClause.insert("SELECT 'secret'", "'-10s'"))
			.withMessageNotContaining("secret");
	}

}
