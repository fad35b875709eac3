package io.github.crdbspring.schema;

import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A table and the first column of its primary key, which decides where CockroachDB puts a
 * row. Of a hash-sharded key that is the hidden column with the number of the bucket.
 *
 * @param schema the schema's name
 * @param table the table's name
 * @param column the column's name, {@code null} if the table has no primary key
 * @param type the type as the information schema names it
 * @param defaultValue the default expression
 * @param hidden whether the server has added the column
 */
record TableKey(String schema, String table, @Nullable String column, @Nullable String type,
		@Nullable String defaultValue, boolean hidden) {

	private static final Set<String> TYPES_OF_TIME = Set.of("date", "timestamp with time zone",
			"timestamp without time zone");

	/**
	 * What the server calls the column of a table without a primary key, and what if that
	 * name is taken.
	 */
	private static final Pattern HIDDEN_KEY = Pattern.compile("rowid(_[0-9]+)?");

	/**
	 * The word boundary keeps {@code unordered_unique_rowid()} out, which is not
	 * ascending.
	 */
	private static final Pattern ROW_ID = Pattern.compile("\\bunique_rowid\\(");

	private static final Pattern SEQUENCE = Pattern.compile("\\bnextval\\(");

	/**
	 * Whether the table has no primary key that somebody has declared. Versions differ in
	 * whether they list the hidden one as a constraint.
	 */
	boolean isMissing() {
		return this.column == null || (this.hidden && HIDDEN_KEY.matcher(this.column).matches());
	}

	/**
	 * Find out why the values of a declared key ascend.
	 * @return where they come from, {@code null} if nothing tells that they ascend
	 */
	@Nullable String ascendingSource() {
		if (isMissing()) {
			return null;
		}
		if (this.defaultValue != null && SEQUENCE.matcher(this.defaultValue).find()) {
			return "a sequence";
		}
		if (this.defaultValue != null && ROW_ID.matcher(this.defaultValue).find()) {
			return "unique_rowid()";
		}
		return (this.type != null && TYPES_OF_TIME.contains(this.type)) ? this.type : null;
	}

	String tableName() {
		return this.schema + "." + this.table;
	}

}
