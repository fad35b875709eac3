package io.github.crdbspring.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Analyzes a start-up that failed because the PostgreSQL driver could not open a
 * connection, whatever the pool and others wrapped around that.
 */
final class ConnectionFailureAnalyzer extends AbstractFailureAnalyzer<PSQLException> {

	private final @Nullable BeanFactory beanFactory;

	private final @Nullable Environment environment;

	ConnectionFailureAnalyzer(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, PSQLException cause) {
		ConnectionFailure failure = new ConnectionFailure(cause);
		ConnectionProblem problem = isEnabled() ? ConnectionProblem.of(failure) : null;
		if (problem == null) {
			return null;
		}
		DatabaseAddress address = DatabaseAddress.find(this.beanFactory, this.environment);
		String location = (address.location() != null) ? " at " + address.location() : "";
		String sqlState = (cause.getSQLState() != null) ? " (SQLSTATE " + cause.getSQLState() + ")" : "";
		return new FailureAnalysis(
				"The database" + location + " cannot be used" + sqlState + ": " + problem.description(failure),
				problem.action(address.property()), rootFailure);
	}

	private boolean isEnabled() {
		return this.environment == null || this.environment.getProperty("crdb.enabled", Boolean.class, true);
	}

}
