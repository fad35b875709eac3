package io.github.crdbspring.url;

import org.jspecify.annotations.Nullable;

/**
 * Thrown before any connection is opened if a file that a database URL names for TLS is
 * missing, or is not what it has to be.
 *
 * @since 0.1.0
 */
public class InvalidTlsFileException extends IllegalArgumentException {

	private final String parameter;

	private final String file;

	InvalidTlsFileException(String parameter, String file, String problem, @Nullable Throwable cause) {
		super(parameter + " of the database URL: the file " + file + " " + problem, cause);
		this.parameter = parameter;
		this.file = file;
	}

	/**
	 * Return the URL's parameter that names the file.
	 * @return {@code sslrootcert}, {@code sslcert} or {@code sslkey}
	 */
	public String getParameter() {
		return this.parameter;
	}

	/**
	 * Return the file.
	 * @return the path as the URL has it, or the driver's default
	 */
	public String getFile() {
		return this.file;
	}

}
