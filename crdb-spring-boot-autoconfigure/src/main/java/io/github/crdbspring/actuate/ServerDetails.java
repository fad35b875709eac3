package io.github.crdbspring.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.jdbc.ServerInfo;

/**
 * How health and info present a server.
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

}
