package io.github.crdbspring.autoconfigure.datasource;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.ServerFeature;
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

	private static final String FLOAT_DIGITS = "extra_float_digits";

	/**
	 * Only where nobody has asked for something else, such as in the URL.
	 */
	private static final String ALL_FLOAT_DIGITS = "CASE WHEN current_setting('" + FLOAT_DIGITS
			+ "') = '0' THEN set_config('" + FLOAT_DIGITS + "', '3', false) END";

	private final Map<String, String> settings = new LinkedHashMap<>();

	private final boolean defaults;

	/**
	 * Create a new instance.
	 * @param settings values by name; a dash in a name stands for an underscore
	 * @param defaults whether to set what old versions of CockroachDB need where nothing
	 * else was asked for
	 */
	public SessionSettings(Map<String, String> settings, boolean defaults) {
		settings.forEach((name, value) -> {
			String variable = name.replace('-', '_');
			if (!NAME.matcher(variable).matches()) {
				throw new IllegalArgumentException("crdb.session." + name
						+ ": not the name of a session variable, which has letters, digits and underscores");
			}
			// What comes first wins over the same in another spelling
			this.settings.putIfAbsent(variable, value);
		});
		this.defaults = defaults && !this.settings.containsKey(FLOAT_DIGITS);
	}

	@Override
	public Map<String, String> sessionVariables() {
		return Map.copyOf(this.settings);
	}

	/**
	 * Render the statement that sets everything.
	 */
	private String statement(ServerInfo serverInfo) {
		StringJoiner calls = new StringJoiner(", ", "SELECT ", "").setEmptyValue("");
		this.settings.keySet().forEach((name) -> calls.add("set_config(?, ?, false)"));
		if (this.defaults && !serverInfo.supports(ServerFeature.ALL_FLOAT_DIGITS)) {
			calls.add(ALL_FLOAT_DIGITS);
		}
		return calls.toString();
	}

	@Override
	public void customize(Connection connection, ServerInfo serverInfo) throws SQLException {
		String sql = statement(serverInfo);
		if (sql.isEmpty()) {
			return;
		}
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
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
