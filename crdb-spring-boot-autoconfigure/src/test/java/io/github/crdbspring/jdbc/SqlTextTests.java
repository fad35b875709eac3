package io.github.crdbspring.jdbc;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SqlText}.
 */
class SqlTextTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			SELECT 1           | SELECT 1
			a 'b' c            | a c
			a 'it''s' c        | a c
			a E'it\\'s' c      | a E c
			a 'c:\\' b         | a b
			a $$b$$ c          | a c
			a $t$b $$ 'c$t$ d  | a d
			a$1 b              | a$1 b
			a -- b             | a
			/* a /* b */ c */d | d
			"x'y" 'z'          | "x'y"
			"x""y" 'z'         | "x""y"
			a - b / c          | a - b / c
			a 'unterminated    | a
			"unterminated      | "unterminated
			a - /              | a - /
			""")
	void leavesOutWhatIsNoCode(String sql, String code) {
		assertThat(SqlText.withoutLiterals(sql)).isEqualToNormalizingWhitespace(code);
	}

	@Test
	void goesOnAfterALineComment() {
		assertThat(SqlText.withoutLiterals("a -- b\nc")).isEqualTo("a  c");
	}

	@Test
	void copesWithLongTexts() {
		String literal = " E'" + "\\'".repeat(100_000) + "''".repeat(100_000) + "'";
		assertThat(SqlText.withoutLiterals(literal)).isEqualToNormalizingWhitespace("E");
		assertThat(SqlText.withoutLiterals("")).isEmpty();
	}

}
