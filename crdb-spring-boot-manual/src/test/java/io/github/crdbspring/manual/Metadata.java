package io.github.crdbspring.manual;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The metadata of all configuration properties on the class path.
 */
final class Metadata {

	private final Map<String, JsonNode> properties = new TreeMap<>();

	private final Map<String, JsonNode> hints = new TreeMap<>();

	private final Map<ConfigurationPropertyName, String> names = new TreeMap<>();

	private final Set<String> groups = new TreeSet<>();

	static Metadata read() {
		Metadata metadata = new Metadata();
		JsonMapper mapper = new JsonMapper();
		try {
			List<URL> files = Collections
				.list(Metadata.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"));
			for (URL file : files) {
				try (InputStream stream = file.openStream()) {
					metadata.add(mapper.readTree(stream));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return metadata;
	}

	private void add(JsonNode file) {
		for (JsonNode property : file.path("properties")) {
			String name = property.path("name").asString();
			this.properties.put(name, property);
			this.names.put(ConfigurationPropertyName.of(name), name);
		}
		for (JsonNode hint : file.path("hints")) {
			this.hints.put(hint.path("name").asString(), hint);
		}
		for (JsonNode group : file.path("groups")) {
			this.groups.add(group.path("name").asString());
		}
	}

	/**
	 * The properties of this project, by name.
	 */
	Map<String, JsonNode> ours() {
		Map<String, JsonNode> ours = new TreeMap<>(this.properties);
		ours.keySet().removeIf((name) -> !name.matches("crdb\\..*|management\\.\\w+\\.crdb.*"));
		return ours;
	}

	/**
	 * Return the property to which a name belongs, or which is a map that it is in.
	 */
	@Nullable JsonNode find(ConfigurationPropertyName name) {
		for (ConfigurationPropertyName candidate = name; !candidate.isEmpty(); candidate = candidate.getParent()) {
			String known = this.names.get(candidate);
			if (known != null) {
				JsonNode property = this.properties.get(known);
				return (candidate.equals(name) || isOpen(property)) ? property : null;
			}
		}
		return null;
	}

	private static boolean isOpen(JsonNode property) {
		String type = property.path("type").asString("");
		return type.startsWith("java.util.Map") || type.startsWith("java.util.List");
	}

	@Nullable JsonNode hint(String name) {
		return this.hints.get(name);
	}

	/**
	 * What a property's name may begin with.
	 */
	Set<String> groups() {
		Set<String> all = new HashSet<>(this.groups);
		for (String name : this.properties.keySet()) {
			for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
				all.add(name.substring(0, dot));
			}
		}
		return all;
	}

}
