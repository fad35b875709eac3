package io.github.crdbspring.autoconfigure.diagnostics;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;

/**
 * Failures that the PostgreSQL driver reports by their message only. It translates its
 * messages into the language of the JVM, so they are compared with what its own
 * translator makes of the original.
 */
enum DriverMessage {

	NO_TLS("The server does not support SSL."),

	HOST_NOT_VERIFIED("The hostname {0} could not be verified by hostnameverifier {1}."),

	ROOT_CERTIFICATE_MISSING("Could not open SSL root certificate file {0}."),

	ROOT_CERTIFICATE_UNUSABLE("Loading the SSL root certificate {0} into a TrustManager failed."),

	CLIENT_CERTIFICATE_MISSING("Could not open SSL certificate file {0}."),

	CLIENT_CERTIFICATE_UNUSABLE("Loading the SSL certificate {0} into a KeyManager failed."),

	CLIENT_CERTIFICATES_UNUSABLE("Could not load cert chain"),

	KEY_UNREADABLE("Could not read SSL key file {0}."),

	PEM_KEY_UNREADABLE("Could not load the private key"),

	KEY_PASSWORD_WRONG("Could not decrypt SSL key file {0}."),

	KEY_PASSWORD_MISSING("Could not read password for SSL key file, console is not available."),

	KEY_OPEN_TO_OTHERS("private key file \"{0}\" has group or world access; "
			+ "file must have permissions u=rw (0600) or less if owned by the current user, "
			+ "or permissions u=rw,g=r (0640) or less if owned by root. Current permissions: {1}"),

	NO_PASSWORD("The server requested password-based authentication, but no password was provided by plugin {0}"),

	NO_SCRAM_PASSWORD("The server requested SCRAM-based authentication, but no password was provided."),

	EMPTY_SCRAM_PASSWORD("The server requested SCRAM-based authentication, but the password is an empty string."),

	CONNECTION_TIMED_OUT("Connection attempt timed out."),

	URL_UNREADABLE("Unable to parse URL {0}");

	private static final String ARGUMENT = "\u0001";

	private final String original;

	DriverMessage(String original) {
		this.original = original;
	}

	boolean is(PSQLException failure) {
		return match(failure) != null;
	}

	/**
	 * Return the message's first argument, {@code null} if it is another message or has
	 * no argument.
	 */
	@Nullable String argument(PSQLException failure) {
		Matcher matcher = match(failure);
		return (matcher != null && matcher.groupCount() > 0) ? matcher.group(1) : null;
	}

	private @Nullable Matcher match(PSQLException failure) {
		if (failure.getServerErrorMessage() != null || failure.getMessage() == null) {
			return null;
		}
		Matcher matcher = pattern().matcher(failure.getMessage());
		return matcher.matches() ? matcher : null;
	}

	private Pattern pattern() {
		String translated = GT.tr(this.original, ARGUMENT, ARGUMENT);
		StringBuilder pattern = new StringBuilder();
		for (String part : Arrays.asList(translated.split(ARGUMENT, -1))) {
			pattern.append(pattern.isEmpty() ? "" : "(.*)").append(Pattern.quote(part));
		}
		return Pattern.compile(pattern.toString(), Pattern.DOTALL);
	}

}
