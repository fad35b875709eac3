package io.github.crdbspring.url;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The servers of a database URL. What the address leaves out can stand in the parameters
 * {@code host} and {@code port}.
 *
 * @param hosts names or addresses, with an IPv6 address in brackets
 * @param ports a port for each host
 */
record CrdbUrlAddress(List<String> hosts, List<String> ports) {

	private static final String DEFAULT_PORT = "26257";

	private static final Pattern HOST = Pattern.compile("[\\p{L}\\p{N}\\p{M}._-]+");

	private static final Pattern IPV6 = Pattern.compile("\\[([0-9A-Fa-f:.]+)(?:%(?:25)?([A-Za-z0-9._~-]+))?]");

	static CrdbUrlAddress parse(UrlPart authority, @Nullable UrlParameter host, @Nullable UrlParameter port) {
		List<String> hosts = new ArrayList<>();
		List<String> ports = new ArrayList<>();
		if (!authority.isEmpty()) {
			parseAuthority(authority, hosts, ports);
		}
		if (host != null) {
			List<String> given = parseHosts(host);
			if (!hosts.isEmpty() && !hosts.equals(given)) {
				throw host.malformed("the host is given twice, with different values");
			}
			hosts = given;
		}
		if (hosts.isEmpty()) {
			throw authority.malformed("a host is missing");
		}
		return new CrdbUrlAddress(hosts, mergePorts(hosts.size(), ports, port));
	}

	private static void parseAuthority(UrlPart authority, List<String> hosts, List<String> ports) {
		UrlPart rest = authority;
		while (true) {
			int comma = rest.find(",");
			UrlPart server = rest.until(comma);
			UrlPart behindBracket = server.contains(']') ? server.from(server.find("]")) : server;
			int colon = behindBracket.find(":");
			hosts.add(checkHost(server.until(colon).text(), server));
			ports.add((colon < server.end()) ? checkPort(server.from(colon + 1).text(), server.from(colon + 1)) : "");
			if (comma == rest.end()) {
				return;
			}
			rest = rest.from(comma + 1);
		}
	}

	private static List<String> parseHosts(UrlParameter parameter) {
		List<String> hosts = new ArrayList<>();
		for (String host : parameter.value().split(",", -1)) {
			boolean plainIpv6 = host.indexOf(':') >= 0 && !host.startsWith("[");
			hosts.add(checkHost(plainIpv6 ? "[" + host + "]" : host, parameter.place()));
		}
		return hosts;
	}

	private static List<String> mergePorts(int count, List<String> given, @Nullable UrlParameter parameter) {
		List<String> ports = new ArrayList<>();
		String[] values = (parameter != null) ? parameter.value().split(",", -1) : new String[] { "" };
		if (parameter != null && values.length != 1 && values.length != count) {
			throw parameter.malformed("there are not as many ports as hosts");
		}
		for (int i = 0; i < count; i++) {
			String port = values[(values.length > 1) ? i : 0];
			String own = given.isEmpty() ? "" : given.get(i);
			if (parameter != null && !port.isEmpty()) {
				checkPort(port, parameter.place());
				if (!own.isEmpty() && !own.equals(port)) {
					throw parameter.malformed("the port is given twice, with different values");
				}
				own = port;
			}
			ports.add(own.isEmpty() ? DEFAULT_PORT : own);
		}
		return ports;
	}

	private static String checkHost(String host, UrlPart place) {
		if (host.isEmpty()) {
			throw place.malformed("a host is missing");
		}
		if (host.startsWith("/") || host.regionMatches(true, 0, "%2F", 0, 3)) {
			throw place.malformed("the driver has no Unix domain sockets; give a host");
		}
		Matcher matcher = IPV6.matcher(host);
		if (matcher.matches() && isIpv6(matcher.group(1))) {
			return "[" + matcher.group(1) + ((matcher.group(2) != null) ? "%" + matcher.group(2) : "") + "]";
		}
		if (!HOST.matcher(host).matches()) {
			throw place.malformed("a host is not valid; write an IPv6 address in brackets, and percent-encode special "
					+ "characters of user and password");
		}
		return host;
	}

	private static boolean isIpv6(String address) {
		try {
			// What stands in brackets is never looked up
			return InetAddress.getByName("[" + address + "]") != null;
		}
		catch (UnknownHostException ex) {
			return false;
		}
	}

	private static String checkPort(String port, UrlPart place) {
		if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535) {
			throw place.malformed("a port is not a number between 1 and 65535; write an IPv6 address in brackets, and "
					+ "percent-encode special characters of user and password");
		}
		return port;
	}

	/**
	 * Whether all the servers are CockroachDB Cloud's.
	 */
	boolean isCloud() {
		return this.hosts.stream().allMatch((host) -> host.toLowerCase(Locale.ROOT).endsWith(".cockroachlabs.cloud"));
	}

	@Override
	public String toString() {
		StringJoiner servers = new StringJoiner(",");
		for (int i = 0; i < this.hosts.size(); i++) {
			servers.add(this.hosts.get(i) + ":" + this.ports.get(i));
		}
		return servers.toString();
	}

}
