package io.github.crdbspring.changefeed.source;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.crdbspring.jdbc.ServerFeature;
import io.github.crdbspring.jdbc.ServerInfo;

/**
 * The statement that opens a changefeed, as a server's version takes it. It has no
 * placeholders, so that what goes into it is quoted, or comes from a number.
 *
 * @see <a href=
 * "https://www.cockroachlabs.com/docs/stable/create-changefeed">CockroachDB: CREATE
 * CHANGEFEED</a>
 */
final class ChangefeedSql {

	private static final Pattern NAME = Pattern.compile("\"(?:[^\"]|\"\")+\"|[^\".\\s]+");

	private ChangefeedSql() {
	}

	static String create(ChangefeedSource.Request request, ServerInfo server) {
		List<String> options = options(request, server);
		String with = " WITH " + String.join(", ", options);
		if (request.query() != null) {
			return "CREATE CHANGEFEED" + with + ", envelope = 'wrapped' AS " + request.query();
		}
		return "CREATE CHANGEFEED FOR "
				+ request.tables().stream().map(ChangefeedSql::quote).collect(Collectors.joining(", ")) + with;
	}

	private static List<String> options(ChangefeedSource.Request request, ServerInfo server) {
		List<String> options = new ArrayList<>();
		String interval = request.resolvedInterval().toMillis() + "ms";
		options.add("updated");
		options.add("resolved = '" + interval + "'");
		if (server.supports(ServerFeature.CHANGEFEED_CHECKPOINT_FREQUENCY)) {
			// Without it, resolved timestamps come no more often than every 30 s
			options.add("min_checkpoint_frequency = '" + interval + "'");
		}
		options.add("cursor = '" + plain(request.cursor()) + "'");
		options.add(request.initialScan() ? "initial_scan" : "no_initial_scan");
		if (request.query() == null) {
			// A column that is added is no change of the rows
			options.add("schema_change_policy = 'nobackfill'");
		}
		if (request.before()) {
			options.add("diff");
		}
		return options;
	}

	private static String plain(BigDecimal timestamp) {
		return timestamp.setScale(10).toPlainString();
	}

	/**
	 * Quote the parts of a table's name, unless they are quoted already. An unquoted name
	 * means the one in lower case, as in SQL.
	 */
	static String quote(String table) {
		List<String> parts = NAME.matcher(table).results().map((result) -> result.group()).toList();
		if (parts.isEmpty() || !String.join(".", parts).equals(table)) {
			throw new ChangefeedRefusedException("'" + table + "' is no name of a table. Write it as in SQL: name, "
					+ "schema.name or database.schema.name, and in double quotes what is not lower case");
		}
		return parts.stream()
			.map((part) -> part.startsWith("\"") ? part : "\"" + part.toLowerCase(Locale.ROOT) + "\"")
			.collect(Collectors.joining("."));
	}

}
