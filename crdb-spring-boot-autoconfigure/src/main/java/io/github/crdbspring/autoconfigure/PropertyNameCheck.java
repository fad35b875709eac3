package io.github.crdbspring.autoconfigure;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Tells of properties that begin with {@code crdb.} and do not exist, so that they would
 * have no effect, and of those that are deprecated. It does so before any bean is made,
 * since what is missing may be why one cannot be.
 * <p>
 * An environment variable that begins with {@code CRDB_} may be somebody else's: it is
 * told of only if it resembles a property.
 */
class PropertyNameCheck implements BeanFactoryPostProcessor {

	private static final Log logger = LogFactory.getLog(PropertyNameCheck.class);

	private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("crdb");

	/**
	 * Those of the test kit, which has metadata of its own.
	 */
	private static final ConfigurationPropertyName TEST_KIT = ConfigurationPropertyName.of("crdb.test");

	private static final int MAX_SIMILAR = 3;

	/**
	 * One letter of so many may be wrong.
	 */
	private static final int LETTERS_TO_A_MISTAKE = 5;

	private final ConfigurableEnvironment environment;

	private final List<KnownProperty> known;

	PropertyNameCheck(ConfigurableEnvironment environment, List<KnownProperty> known) {
		this.environment = environment;
		this.known = known;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (this.known.isEmpty()) {
			return;
		}
		Set<ConfigurationPropertyName> seen = new HashSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources
			.from(this.environment.getPropertySources())) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter((name) -> OURS.isAncestorOf(name) && !TEST_KIT.isAncestorOf(name))
					.filter(seen::add)
					.forEach((name) -> check(source, name));
			}
		}
	}

	private void check(ConfigurationPropertySource source, ConfigurationPropertyName name) {
		boolean variable = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
		KnownProperty property = this.known.stream()
			.filter((each) -> variable ? each.coversVariable(name) : each.covers(name))
			.findFirst()
			.orElse(null);
		if (property != null) {
			if (property.deprecation() != null) {
				logger.warn(deprecated(source, property, property.deprecation(), name));
			}
			return;
		}
		List<String> similar = similar(name, variable);
		if (!variable || !similar.isEmpty()) {
			logger.warn("Property '" + written(source, name) + "'" + origin(source, name)
					+ " does not exist, and has no effect. "
					+ (similar.isEmpty() ? "Those that begin with 'crdb.' are reserved for crdb-spring-boot"
							: "Did you mean " + String.join(" or ", similar) + "?"));
		}
	}

	private static String deprecated(ConfigurationPropertySource source, KnownProperty property, Map<?, ?> deprecation,
			ConfigurationPropertyName name) {
		Object reason = deprecation.get("reason");
		Object replacement = deprecation.get("replacement");
		return "Property '" + property.name() + "'" + origin(source, name) + " is deprecated"
				+ ("error".equals(deprecation.get("level")) ? ", and has no effect any more." : ".")
				+ ((reason != null) ? " " + reason : "")
				+ ((replacement != null) ? " Use '" + replacement + "' instead." : "");
	}

	/**
	 * The names that were probably meant, the most similar first: written almost like
	 * that, or, unless it is a variable, with the same last part or one more.
	 */
	private List<String> similar(ConfigurationPropertyName name, boolean variable) {
		String written = KnownProperty.squeeze(name);
		String last = name.getLastElement(Form.UNIFORM);
		return this.known.stream()
			.map(KnownProperty::name)
			.filter(OURS::isAncestorOf)
			.filter((each) -> distance(KnownProperty.squeeze(each), written) <= written.length() / LETTERS_TO_A_MISTAKE
					|| (!variable && (each.getLastElement(Form.UNIFORM).equals(last)
							|| (each.getParent().equals(name) && each.getLastElement(Form.UNIFORM).equals("enabled")))))
			.sorted(Comparator.comparingInt((each) -> distance(KnownProperty.squeeze(each), written)))
			.limit(MAX_SIMILAR)
			.map((each) -> "'" + each + "'")
			.collect(Collectors.toList());
	}

	/**
	 * The number of letters to insert, remove, change or exchange with the next one.
	 */
	private static int distance(String first, String second) {
		int[] beforePrevious = new int[second.length() + 1];
		int[] previous = new int[second.length() + 1];
		Arrays.setAll(previous, (i) -> i);
		for (int i = 1; i <= first.length(); i++) {
			int[] current = new int[second.length() + 1];
			current[0] = i;
			for (int j = 1; j <= second.length(); j++) {
				int change = (first.charAt(i - 1) != second.charAt(j - 1)) ? 1 : 0;
				current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
				if (i > 1 && j > 1 && first.charAt(i - 1) == second.charAt(j - 2)
						&& first.charAt(i - 2) == second.charAt(j - 1)) {
					current[j] = Math.min(current[j], beforePrevious[j - 2] + 1);
				}
			}
			beforePrevious = previous;
			previous = current;
		}
		return previous[second.length()];
	}

	private static Object written(ConfigurationPropertySource source, ConfigurationPropertyName name) {
		boolean variable = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
		return variable ? name.toString().toUpperCase(Locale.ROOT).replace('.', '_') : name;
	}

	private static String origin(ConfigurationPropertySource source, ConfigurationPropertyName name) {
		ConfigurationProperty property = source.getConfigurationProperty(name);
		Origin origin = (property != null) ? property.getOrigin() : null;
		return (origin != null) ? " (" + origin + ")" : "";
	}

}
