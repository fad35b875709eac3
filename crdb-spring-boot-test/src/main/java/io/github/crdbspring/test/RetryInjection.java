package io.github.crdbspring.test;

import java.sql.Connection;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbConnectionCustomizer;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.FaultInjector;
import io.github.crdbspring.jdbc.ServerInfo;
import org.jspecify.annotations.Nullable;

/**
 * Lets transactions fail as {@link InjectRetries} says. In a Spring test every guarded
 * DataSource has it; without Spring it is to be installed.
 * <p>
 * Thread-safe.
 *
 * @since 0.1.0
 */
public final class RetryInjection implements FaultInjector, CrdbConnectionCustomizer {

	private final @Nullable InjectionRule suiteRule;

	/**
	 * Create a new instance, for a DataSource's customizers.
	 */
	public RetryInjection() {
		this(null);
	}

	/**
	 * Create a new instance.
	 * @param suiteRule what holds where a test says nothing
	 */
	RetryInjection(@Nullable InjectionRule suiteRule) {
		this.suiteRule = suiteRule;
	}

	/**
	 * Let the transactions of a DataSource fail where a test says so.
	 * @param dataSource a DataSource that was not made by Spring
	 * @return the same DataSource
	 */
	public static CrdbDataSource install(CrdbDataSource dataSource) {
		dataSource.setFaultInjector(new RetryInjection());
		return dataSource;
	}

	@Override
	public void customize(Connection connection, ServerInfo serverInfo) {
		// Is a customizer only to be found by every DataSource
	}

	@Override
	public Faults open(Connection connection, @Nullable DataSource source) {
		return new InjectedFaults(connection, source, this.suiteRule);
	}

}
