package io.github.crdbspring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Corrects the names of session variables that come from environment variables, which do
 * not tell a dot from an underscore: {@code CRDB_SESSION_STATEMENT_TIMEOUT} arrives as
 * {@code statement.timeout}, a name that newer servers take for a variable of the user's
 * own, and that changes nothing.
 */
final class SessionVariableNames {

	private final Environment environment;

	SessionVariableNames(Environment environment) {
		this.environment = environment;
	}

	Map<String, String> correct(Map<String, String> settings) {
		Map<String, String> corrected = new LinkedHashMap<>();
		settings.forEach((name, value) -> corrected.putIfAbsent(
				(name.contains(".") && isFromEnvironmentVariable(name)) ? name.replace('.', '_') : name, value));
		return corrected;
	}

	private boolean isFromEnvironmentVariable(String name) {
		ConfigurationPropertyName property = ConfigurationPropertyName.adapt("crdb.session." + name, '.');
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source.getConfigurationProperty(property) != null) {
				return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
			}
		}
		return false;
	}

}
