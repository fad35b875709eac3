package io.github.crdbspring.changefeed;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.github.crdbspring.changefeed.source.ChangefeedSource;

import org.springframework.dao.DataAccessResourceFailureException;

/**
 * The names of the key columns of a feed's tables, which rows come without.
 */
final class KeyColumns implements Function<String, List<String>> {

	private final ChangefeedSource source;

	private final List<String> tables;

	private final Map<String, List<String>> known = new ConcurrentHashMap<>();

	KeyColumns(ChangefeedSource source, List<String> tables) {
		this.source = source;
		this.tables = tables;
	}

	@Override
	public List<String> apply(String table) {
		List<String> columns = this.known.get(table);
		if (columns == null) {
			try {
				columns = this.source.keyColumns(qualified(table));
			}
			catch (SQLException ex) {
				throw new DataAccessResourceFailureException("The key columns of " + table + " cannot be found out",
						ex);
			}
			this.known.put(table, columns);
		}
		return columns;
	}

	/**
	 * Rows name their table without its schema.
	 */
	private String qualified(String table) {
		return this.tables.stream()
			.filter((name) -> name.equalsIgnoreCase(table) || name.endsWith("." + table)
					|| name.endsWith("\"" + table + "\""))
			.findFirst()
			.orElse('"' + table + '"');
	}

}
