package io.github.crdbspring.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;

/**
 * Analyzes a JDBC URL that the PostgreSQL driver cannot read, which the pool finds out
 * before it connects, and reports with the whole URL.
 */
final class UnreadableJdbcUrlFailureAnalyzer implements FailureAnalyzer {

	/**
	 * HikariCP throws a plain {@code RuntimeException} for it.
	 */
	private static final String MESSAGE = "Driver org.postgresql.Driver claims to not accept jdbcUrl";

	private final @Nullable Environment environment;

	UnreadableJdbcUrlFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		if (this.environment != null && !this.environment.getProperty("crdb.enabled", Boolean.class, true)) {
			return null;
		}
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause.getMessage() != null && cause.getMessage().startsWith(MESSAGE)) {
				return new FailureAnalysis("The database URL is not valid: the PostgreSQL driver cannot read it.",
						ConnectionProblem.UNREADABLE_URL.action(""), failure);
			}
		}
		return null;
	}

}
