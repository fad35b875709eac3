package io.github.crdbspring.jdbc;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells, once for each server, of versions that may lose writes: where writes are held
 * back until COMMIT, rolling back to a savepoint may drop some that came before it. From
 * 25.2 to 25.4.3 and in 26.1.0, if {@code kv_transaction_buffered_writes_enabled} is on,
 * which it is not by default in these versions.
 *
 * @see ServerFeature#BUFFERED_WRITES
 */
final class BufferedWrites {

	private static final Log logger = LogFactory.getLog(BufferedWrites.class);

	private static final CrdbVersion FIXED = new CrdbVersion(25, 4, 4, null);

	private static final CrdbVersion FIXED_IN_NEXT = new CrdbVersion(26, 1, 1, null);

	private static final Set<ServerInfo> told = ConcurrentHashMap.newKeySet();

	private BufferedWrites() {
	}

	static void tellIfSavepointsLoseThem(ServerInfo serverInfo) {
		if (mayBeLost(serverInfo) && told.add(serverInfo)) {
			logger.warn("CockroachDB " + serverInfo.versionText()
					+ " may lose writes before a savepoint that is rolled "
					+ "back to, if the session variable kv_transaction_buffered_writes_enabled is on: leave it off, or "
					+ "use CockroachDB " + FIXED + ", " + FIXED_IN_NEXT + " or later");
		}
	}

	static boolean mayBeLost(ServerInfo serverInfo) {
		CrdbVersion version = serverInfo.version();
		if (version == null || !serverInfo.supports(ServerFeature.BUFFERED_WRITES)) {
			return false;
		}
		return version.isAtLeast(26, 1) ? version.compareTo(FIXED_IN_NEXT) < 0 : version.compareTo(FIXED) < 0;
	}

}
