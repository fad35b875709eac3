package io.github.crdbspring.type;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.regex.Pattern;

import org.springframework.jdbc.support.SqlValue;
import org.springframework.util.Assert;

/**
 * A value of type {@code INET}: an address with the length of its network's prefix.
 * Usable as a parameter of a statement. {@link InetAddress} will do where there is no
 * prefix.
 *
 * @param address the address
 * @param prefixLength the length of the prefix in bits
 * @since 0.1.0
 */
public record Inet(InetAddress address, int prefixLength) implements SqlValue {

	private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";

	// Anything else would be looked up as the name of a host, but for what has a colon
	private static final Pattern LITERAL = Pattern
		.compile("(?:" + OCTET + "\\.){3}" + OCTET + "|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

	/**
	 * Create a value.
	 * @throws IllegalArgumentException if the prefix is longer than the address
	 */
	public Inet {
		Assert.notNull(address, "'address' must not be null");
		Assert.isTrue(prefixLength >= 0 && prefixLength <= bits(address),
				() -> "A prefix of " + prefixLength + " bits is not possible with an address of " + bits(address));
	}

	/**
	 * Make a value without a network.
	 * @param address the address
	 * @return the address alone, all of it its prefix
	 */
	public static Inet of(InetAddress address) {
		return new Inet(address, bits(address));
	}

	/**
	 * Read a value from its text.
	 * @param text for example {@code 10.0.0.1/24} or {@code ::1}; names of hosts are
	 * refused
	 * @return the value
	 * @throws IllegalArgumentException if that is no address
	 */
	public static Inet parse(String text) {
		int slash = text.indexOf('/');
		String literal = (slash < 0) ? text : text.substring(0, slash);
		Assert.isTrue(LITERAL.matcher(literal).matches(), () -> "'" + text + "' is no address");
		try {
			InetAddress address = InetAddress.getByName(literal);
			if (slash < 0) {
				return of(address);
			}
			// An IPv4 address that is written as one of IPv6
			int mapped = (bits(address) == 32 && literal.indexOf(':') >= 0) ? 96 : 0;
			return new Inet(address, Integer.parseInt(text.substring(slash + 1)) - mapped);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException("'" + text + "' is no address", ex);
		}
	}

	private static int bits(InetAddress address) {
		return address.getAddress().length * 8;
	}

	@Override
	public void setValue(PreparedStatement ps, int paramIndex) throws SQLException {
		ps.setObject(paramIndex, DriverObjects.create("inet", toString()));
	}

	@Override
	public void cleanup() {
	}

	/**
	 * Return this value as the server writes it.
	 * @return the address, with its prefix if that is not all of it
	 */
	@Override
	public String toString() {
		String host = this.address.getHostAddress();
		int zone = host.indexOf('%');
		String literal = (zone < 0) ? host : host.substring(0, zone);
		return (this.prefixLength == bits(this.address)) ? literal : literal + "/" + this.prefixLength;
	}

}
