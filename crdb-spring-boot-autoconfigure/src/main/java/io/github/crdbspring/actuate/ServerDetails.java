package io.github.crdbspring.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.jdbc.ServerInfo;

/**
 * How health, info and the endpoint present a server.
 */
final class ServerDetails {

	private ServerDetails() {
	}

	static Map<String, Object> of(ServerInfo serverInfo) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("vendor", serverInfo.vendor());
		details.put("version", serverInfo.versionText());
		return details;
	}

	/**
	 * The same, with the version as a number, if it is known, and what the server says of
	 * itself.
	 */
	static Map<String, Object> inFull(ServerInfo serverInfo) {
		Map<String, Object> details = of(serverInfo);
		if (serverInfo.version() != null) {
			details.put("versionNumber", serverInfo.version().toInt());
		}
		details.put("description", serverInfo.description());
		return details;
	}

}
