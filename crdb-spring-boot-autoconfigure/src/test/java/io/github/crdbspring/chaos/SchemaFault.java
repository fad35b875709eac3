package io.github.crdbspring.chaos;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A column that comes, and goes again, while the table is used.
 */
final class SchemaFault {

	private final JdbcTemplate jdbc;

	private final Set<String> changed = new HashSet<>();

	private SchemaFault(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	static FaultKind of(JdbcTemplate jdbc) {
		return new FaultKind("schema changed", 1, new SchemaFault(jdbc)::change);
	}

	private boolean change(Random random) {
		String table = random.nextBoolean() ? "account" : "history";
		if (this.changed.contains(table)) {
			this.jdbc.execute("ALTER TABLE " + table + " DROP COLUMN IF EXISTS note");
			this.changed.remove(table);
		}
		else {
			this.jdbc.execute("ALTER TABLE " + table + " ADD COLUMN IF NOT EXISTS note TEXT DEFAULT 'x'");
			this.changed.add(table);
		}
		return true;
	}

}
