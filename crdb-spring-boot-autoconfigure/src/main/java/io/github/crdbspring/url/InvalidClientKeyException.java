package io.github.crdbspring.url;

import org.jspecify.annotations.Nullable;

/**
 * Thrown before any connection is opened if the private key of a client certificate
 * cannot be read by the PostgreSQL driver, which wants PKCS#8. The message says how to
 * convert it.
 *
 * @since 0.1.0
 */
public class InvalidClientKeyException extends InvalidTlsFileException {

	InvalidClientKeyException(String file, String problem, @Nullable Throwable cause) {
		super("sslkey", file, problem, cause);
	}

}
