package io.github.crdbspring.url;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Properties;

import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Reads the files that a connection uses for TLS as the driver will do, to say what is
 * wrong with them before it does.
 */
final class TlsFiles {

	private TlsFiles() {
	}

	/**
	 * Check the files of a connection.
	 * @return the client key's algorithm if the driver has to be told
	 */
	static @Nullable String check(String jdbcUrl, @Nullable String keyPassword) {
		Properties properties = Driver.parseURL(jdbcUrl, null);
		if (properties == null || "disable".equals(PGProperty.SSL_MODE.getOrDefault(properties))
				|| usesOtherFactory(properties)) {
			return null;
		}
		String rootFile = PGProperty.SSL_ROOT_CERT.getOrDefault(properties);
		if (rootFile != null) {
			ClientCertificate.certificates("sslrootcert", rootFile);
		}
		ClientCertificate certificate = ClientCertificate.of(properties);
		boolean passwordIsKnown = PGProperty.SSL_PASSWORD_CALLBACK.getOrDefault(properties) == null;
		if (certificate == null || !(passwordIsKnown || certificate.key().isPem())) {
			return null;
		}
		try {
			String algorithm = certificate.check(keyPassword);
			boolean told = PGProperty.PEM_KEY_ALGORITHM.getOrNull(properties) != null;
			return (certificate.key().isPem() && !told && !algorithm.equals("RSA")) ? algorithm : null;
		}
		catch (GeneralSecurityException ex) {
			throw new InvalidClientKeyException(certificate.key().file(), "cannot be read", ex);
		}
	}

	private static boolean usesOtherFactory(Properties properties) {
		String factory = PGProperty.SSL_FACTORY.getOrDefault(properties);
		return factory != null && !factory.endsWith(".LibPQFactory")
				&& !factory.equals(CrdbSslSocketFactory.class.getName());
	}

	/**
	 * Read a file that a parameter names.
	 */
	static byte[] read(String parameter, String file) {
		try {
			Path path = Path.of(file);
			if (Files.notExists(path)) {
				throw new InvalidTlsFileException(parameter, file, "does not exist", null);
			}
			if (!Files.isRegularFile(path)) {
				throw new InvalidTlsFileException(parameter, file, "is not a file that can be read", null);
			}
			return Files.readAllBytes(path);
		}
		catch (IOException | InvalidPathException ex) {
			throw new InvalidTlsFileException(parameter, file, "cannot be read", ex);
		}
	}

}
