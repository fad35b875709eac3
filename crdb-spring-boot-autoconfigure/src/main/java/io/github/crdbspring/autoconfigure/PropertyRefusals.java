package io.github.crdbspring.autoconfigure;

import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Says of a value that the library does not take which property it comes from.
 */
final class PropertyRefusals {

	/**
	 * How the library says that it does not take a value.
	 */
	private static final Pattern REFUSAL = Pattern.compile("'(?<name>\\w+)' (?<rule>must .+), but is (?<value>.+)");

	private PropertyRefusals() {
	}

	/**
	 * Create what the library takes. If it refuses a value, that came from the property
	 * of the same name.
	 * @param prefix the properties' common part, with a dot at its end
	 */
	static <T> T explain(String prefix, Supplier<T> factory) {
		try {
			return factory.get();
		}
		catch (IllegalArgumentException ex) {
			Matcher refusal = REFUSAL.matcher(String.valueOf(ex.getMessage()));
			if (!refusal.matches()) {
				throw ex;
			}
			String name = DataObjectPropertyName.toDashedForm(refusal.group("name"));
			throw new InvalidConfigurationPropertyValueException(prefix + name, refusal.group("value"),
					"It " + refusal.group("rule") + ".");
		}
	}

}
