package io.github.crdbspring.jdbc;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells, once, that a server runs transactions of an isolation level as SERIALIZABLE,
 * which it does without a word. That breaks nothing, since it is stronger than what was
 * asked for, but it brings conflicts that were not expected.
 */
final class IsolationLevels {

	private static final Log logger = LogFactory.getLog(IsolationLevels.class);

	private static final Set<Map.Entry<ServerInfo, ServerFeature>> told = ConcurrentHashMap.newKeySet();

	private IsolationLevels() {
	}

	static void tellIfUpgraded(ServerInfo serverInfo, int level) {
		ServerFeature needed = ServerFeature.forIsolationLevel(level);
		if (needed == null || serverInfo.supports(needed)) {
			return;
		}
		if (told.add(Map.entry(serverInfo, needed))) {
			logger.warn("CockroachDB " + serverInfo.versionText() + " runs " + needed.name().replace('_', ' ')
					+ " transactions as SERIALIZABLE; the level needs CockroachDB " + needed.since()
					+ " or later. Expect conflicts, after which a transaction has to be run again");
		}
	}

}
