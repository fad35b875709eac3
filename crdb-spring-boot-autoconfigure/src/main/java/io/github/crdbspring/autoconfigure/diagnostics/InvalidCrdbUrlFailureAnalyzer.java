package io.github.crdbspring.autoconfigure.diagnostics;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.crdbspring.url.InvalidCrdbUrlException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Analyzes a {@code crdb.url} that is not valid, and points at the place. Every character
 * behind the scheme is masked: any of them may turn out to be a piece of a password.
 */
final class InvalidCrdbUrlFailureAnalyzer extends AbstractFailureAnalyzer<InvalidCrdbUrlException> {

	/**
	 * Schemes that are known, so that no password is taken for one.
	 */
	private static final Pattern SCHEME = Pattern
		.compile("\\s*(?:jdbc:)?(?:(?:postgresql|postgres|cockroachdb|cockroach)://)?", Pattern.CASE_INSENSITIVE);

	private static final String READ_ONLY = "crdb.read-only.url";

	private final @Nullable Environment environment;

	InvalidCrdbUrlFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidCrdbUrlException cause) {
		String property = String.valueOf(cause.getMessage()).startsWith(READ_ONLY) ? READ_ONLY : "crdb.url";
		String url = (this.environment != null) ? this.environment.getProperty(property) : null;
		return new FailureAnalysis(cause.getMessage() + picture(url, cause.getPosition()), """
				Correct %1$s. It has the form
				    postgresql://user:password@host:26257/database?sslmode=verify-full
				with special characters of user and password percent-encoded, such as %%40 for @ and %%2F for /. \
				Or set %2$susername and %2$spassword, where nothing is encoded.""".formatted(property,
				property.replace("url", "")), rootFailure);
	}

	private static String picture(@Nullable String url, int position) {
		if (url == null || position < 0 || position > url.length()) {
			return "";
		}
		Matcher scheme = SCHEME.matcher(url);
		int shown = scheme.lookingAt() ? scheme.end() : 0;
		return "%n%n    %s%s%n    %s^".formatted(url.substring(0, shown).replaceAll("\\s", " "),
				"*".repeat(url.length() - shown), " ".repeat(position));
	}

}
