package io.github.crdbspring.jdbc;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What guards go by that differs by server. The same for all connections to it.
 *
 * @param serverInfo the server, {@code null} if it is unknown
 * @param dialect what helps with statements
 * @param commitErrors what errors of COMMIT mean
 * @param limits what ends a connection by itself
 * @param pipelinesOptions whether the options of a transaction are sent with its first
 * statement
 */
record ServerRules(@Nullable ServerInfo serverInfo, Dialect dialect, CommitErrors commitErrors, ConnectionLimits limits,
		boolean pipelinesOptions) {

	static ServerRules of(@Nullable ServerInfo serverInfo, boolean dialect) {
		return of(serverInfo, dialect, List.of(), false);
	}

	static ServerRules of(@Nullable ServerInfo serverInfo, boolean dialect, List<CrdbConnectionCustomizer> customizers,
			boolean pipelinesOptions) {
		boolean readOnly = customizers.stream()
			.anyMatch((customizer) -> "on".equals(customizer.sessionVariables().get("default_transaction_read_only")));
		return new ServerRules(serverInfo, new Dialect(serverInfo, dialect, readOnly), new CommitErrors(serverInfo),
				ConnectionLimits.of(serverInfo, customizers), pipelinesOptions);
	}

}
