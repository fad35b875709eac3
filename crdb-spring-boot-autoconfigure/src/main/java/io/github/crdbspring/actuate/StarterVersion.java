package io.github.crdbspring.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/**
 * The version of this library, which the build writes into a resource.
 */
final class StarterVersion {

	static final String RESOURCE = "META-INF/crdb-spring-boot.properties";

	private static final String version = read();

	private StarterVersion() {
	}

	static String get() {
		return version;
	}

	private static String read() {
		try {
			Properties properties = PropertiesLoaderUtils
				.loadProperties(new ClassPathResource(RESOURCE, StarterVersion.class.getClassLoader()));
			return properties.getProperty("version", "unknown");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
