package io.github.crdbspring.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * What guards go by that differs by server. The same for all connections to it.
 *
 * @param serverInfo the server, {@code null} if it is unknown
 * @param dialect what helps with statements
 * @param commitErrors what errors of COMMIT mean
 */
record ServerRules(@Nullable ServerInfo serverInfo, Dialect dialect, CommitErrors commitErrors) {

	static ServerRules of(@Nullable ServerInfo serverInfo, boolean dialect) {
		return new ServerRules(serverInfo, new Dialect(serverInfo, dialect), new CommitErrors(serverInfo));
	}

}
