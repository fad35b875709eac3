package io.github.crdbspring.autoconfigure.datasource;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.ServerInfo;

import org.springframework.core.Ordered;

/**
 * Sets the session variables of {@code crdb.session}, all with one statement, before the
 * user's own customizers come. Infrastructure of this library, no API for applications.
 *
 * @since 0.1.0
 */
public final class SessionSettings implements CrdbConnectionCustomizer, Ordered {

	private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");

	private final Map<String, String> settings = new LinkedHashMap<>();

	private final String statement;

	/**
	 * Create a new instance.
	 * @param settings values by name; a dash in a name stands for an underscore
	 */
	public SessionSettings(Map<String, String> settings) {
		StringJoiner calls = new StringJoiner(", ", "SELECT ", "");
		settings.forEach((name, value) -> {
			String variable = name.replace('-', '_');
			if (!NAME.matcher(variable).matches()) {
				throw new IllegalArgumentException("crdb.session." + name
						+ ": not the name of a session variable, which has letters, digits and underscores");
			}
			this.settings.put(variable, value);
			calls.add("set_config(?, ?, false)");
		});
		this.statement = calls.toString();
	}

	@Override
	public void customize(Connection connection, ServerInfo serverInfo) throws SQLException {
		if (this.settings.isEmpty()) {
			return;
		}
		try (PreparedStatement statement = connection.prepareStatement(this.statement)) {
			int index = 0;
			for (Map.Entry<String, String> setting : this.settings.entrySet()) {
				statement.setString(++index, setting.getKey());
				statement.setString(++index, setting.getValue());
			}
			statement.execute();
		}
		catch (SQLException ex) {
			throw new SQLException("The settings of crdb.session " + this.settings.keySet() + " were refused by "
					+ serverInfo.description() + ": " + ex.getMessage(), ex.getSQLState(), ex);
		}
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

}
