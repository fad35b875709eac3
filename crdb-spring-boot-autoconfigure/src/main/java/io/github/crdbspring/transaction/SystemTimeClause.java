package io.github.crdbspring.transaction;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

import org.postgresql.core.Parser;

/**
 * Puts {@code AS OF SYSTEM TIME} where the grammar has it: behind the FROM clause of a
 * query. Looks at what is neither in parentheses, nor in a literal, a comment or a quoted
 * identifier.
 */
final class SystemTimeClause {

	private static final Set<String> BEHIND_FROM = Set.of("WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT",
			"OFFSET", "FETCH");

	private static final Set<String> REFUSED = Set.of("UNION", "INTERSECT", "EXCEPT", "FOR", "INSERT", "UPDATE",
			"DELETE", "UPSERT", "RETURNING");

	private SystemTimeClause() {
	}

	/**
	 * Add the clause to a query.
	 * @param expression what follows {@code AS OF SYSTEM TIME}
	 * @throws IllegalArgumentException if the text is not a single query with a FROM
	 * clause, has the clause already, combines several queries, or locks rows
	 */
	static String insert(String sql, String expression) {
		String code = blankOut(sql);
		boolean from = false;
		int depth = 0;
		int position = -1;
		String previous = "";
		for (int i = 0; i < code.length(); i++) {
			char c = code.charAt(i);
			depth += (c == '(') ? 1 : (c == ')') ? -1 : 0;
			if (c == ';' && code.substring(i).matches(";\\s*")) {
				position = (position >= 0) ? position : i;
				break;
			}
			require(c != ';', "has several statements", sql);
			if (depth != 0 || !Character.isJavaIdentifierStart(c)) {
				continue;
			}
			int end = i;
			while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
				end++;
			}
			String word = code.substring(i, end).toUpperCase(Locale.ROOT);
			require(!REFUSED.contains(word), "has " + word, sql);
			require(!"SYSTEM".equals(word) || !"OF".equals(previous), "has AS OF SYSTEM TIME already", sql);
			from |= "FROM".equals(word);
			if (from && position < 0 && BEHIND_FROM.contains(word)) {
				position = i;
			}
			previous = word;
			i = end - 1;
		}
		require(from, "has no FROM clause", sql);
		String clause = "AS OF SYSTEM TIME " + expression;
		// A comment may end in the line end before the position, but not be left out
		return (position < 0) ? sql + "\n" + clause
				: sql.substring(0, position) + "\n" + clause + " " + sql.substring(position);
	}

	private static void require(boolean condition, String problem, String sql) {
		if (!condition) {
			throw new IllegalArgumentException(
					"AS OF SYSTEM TIME can be added to a single query with a FROM clause only, " + "but this one "
							+ problem + ": " + blankOut(sql).strip());
		}
	}

	/**
	 * Replace literals, comments and quoted identifiers by as many spaces.
	 */
	private static String blankOut(String sql) {
		char[] chars = sql.toCharArray();
		char[] code = sql.toCharArray();
		for (int i = 0; i < chars.length; i++) {
			int end = switch (chars[i]) {
				case '\'' -> Parser.parseSingleQuotes(chars, i, true);
				case '"' -> Parser.parseDoubleQuotes(chars, i);
				case '$' -> Parser.parseDollarQuotes(chars, i);
				case '-' -> Parser.parseLineComment(chars, i);
				case '/' -> Parser.parseBlockComment(chars, i);
				default -> i;
			};
			if (end > i || chars[i] == '\'' || chars[i] == '"') {
				end = Math.min(end, chars.length - 1);
				Arrays.fill(code, i, end + 1, ' ');
				i = end;
			}
		}
		return new String(code);
	}

}
