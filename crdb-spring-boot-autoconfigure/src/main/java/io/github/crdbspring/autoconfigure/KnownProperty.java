package io.github.crdbspring.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.YamlMapFactoryBean;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StreamUtils;

/**
 * A property that the metadata of this library knows.
 *
 * @param name the name
 * @param map whether names below it are values of it
 * @param deprecation what the metadata says if it is deprecated
 */
record KnownProperty(ConfigurationPropertyName name, boolean map, @Nullable Map<?, ?> deprecation) {

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	/**
	 * Read the metadata beside the classes of this library.
	 * @return the properties; none where there is no metadata, as in a native image
	 */
	static List<KnownProperty> read() {
		ClassLoader loader = KnownProperty.class.getClassLoader();
		String path = ClassUtils.convertClassNameToResourcePath(KnownProperty.class.getName()) + ".class";
		URL type = loader.getResource(path);
		if (type == null) {
			return List.of();
		}
		String ours = type.toString().substring(0, type.toString().length() - path.length()) + METADATA;
		try {
			for (URL metadata : Collections.list(loader.getResources(METADATA))) {
				if (metadata.toString().equals(ours)) {
					try (InputStream stream = metadata.openStream()) {
						return parse(StreamUtils.copyToString(stream, StandardCharsets.UTF_8));
					}
				}
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot read " + ours, ex);
		}
		return List.of();
	}

	/**
	 * Read the metadata as YAML, of which JSON is a part but for an escaped slash:
	 * SnakeYAML comes with each of Spring Boot's starters, and a library for JSON does
	 * not. Spring Boot's own parser for where there is none does not read it right.
	 */
	static List<KnownProperty> parse(String json) {
		if (!ClassUtils.isPresent("org.yaml.snakeyaml.Yaml", KnownProperty.class.getClassLoader())) {
			return List.of();
		}
		YamlMapFactoryBean metadata = new YamlMapFactoryBean();
		metadata.setResources(new ByteArrayResource(json.replace("\\/", "/").getBytes(StandardCharsets.UTF_8)));
		Map<String, Object> content = metadata.getObject();
		List<KnownProperty> known = new ArrayList<>();
		Object properties = (content != null) ? content.get("properties") : null;
		for (Object each : (properties instanceof List<?> list) ? list : List.of()) {
			if (each instanceof Map<?, ?> property) {
				known.add(new KnownProperty(ConfigurationPropertyName.of(String.valueOf(property.get("name"))),
						String.valueOf(property.get("type")).startsWith("java.util.Map"),
						(property.get("deprecation") instanceof Map<?, ?> deprecation) ? deprecation : null));
			}
		}
		return known;
	}

	/**
	 * Whether a name is that of this property, or of a value in it.
	 */
	boolean covers(ConfigurationPropertyName other) {
		return this.name.equals(other) || (this.map && this.name.isAncestorOf(other));
	}

	/**
	 * Likewise, for the name of an environment variable, in which a dash and a dot are
	 * the same.
	 */
	boolean coversVariable(ConfigurationPropertyName other) {
		String mine = squeeze(this.name);
		String theirs = squeeze(other);
		return mine.equals(theirs) || (this.map && theirs.startsWith(mine));
	}

	static String squeeze(ConfigurationPropertyName name) {
		return name.toString().replaceAll("[.\\-_]", "");
	}

}
