package io.github.crdbspring.jdbc;

import org.postgresql.core.Parser;

/**
 * Looks at SQL without being fooled by what is in literals and comments.
 */
final class SqlText {

	private SqlText() {
	}

	/**
	 * Return a text with string literals and comments replaced by spaces, since the
	 * server does not execute what is in them. Identifiers in double quotes stay.
	 */
	static String withoutLiterals(String sql) {
		char[] chars = sql.toCharArray();
		StringBuilder code = new StringBuilder(sql.length());
		for (int i = 0; i < chars.length; i++) {
			int end = endOfLiteral(chars, i);
			if (end > i) {
				code.append(' ');
			}
			else if (chars[i] == '"') {
				end = Math.min(Parser.parseDoubleQuotes(chars, i), chars.length - 1);
				code.append(chars, i, end - i + 1);
			}
			else {
				code.append(chars[i]);
			}
			i = Math.max(i, end);
		}
		return code.toString();
	}

	/**
	 * Whether a text contains a word, in upper or lower case. Called for every statement,
	 * so it looks only at underscores.
	 * @param word a word with an underscore in it
	 */
	static boolean mentions(String sql, String word) {
		int offset = word.indexOf('_');
		for (int i = sql.indexOf('_'); i >= 0; i = sql.indexOf('_', i + 1)) {
			if (sql.regionMatches(true, i - offset, word, 0, word.length())) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Return where the literal or comment that starts at a position ends; the position
	 * itself if none starts there.
	 */
	private static int endOfLiteral(char[] chars, int position) {
		return switch (chars[position]) {
			case '\'' -> Parser.parseSingleQuotes(chars, position, true);
			case '$' -> Parser.parseDollarQuotes(chars, position);
			case '-' -> Parser.parseLineComment(chars, position);
			case '/' -> Parser.parseBlockComment(chars, position);
			default -> position;
		};
	}

}
