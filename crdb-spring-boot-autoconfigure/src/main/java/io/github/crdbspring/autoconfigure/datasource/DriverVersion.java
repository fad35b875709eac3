package io.github.crdbspring.autoconfigure.datasource;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.postgresql.Driver;

/**
 * What depends on the version of the PostgreSQL driver.
 */
final class DriverVersion {

	private static final Log logger = LogFactory.getLog(DriverVersion.class);

	private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)");

	private static final int OLDEST_WITHOUT_PACKET = 420_713;

	private DriverVersion() {
	}

	/**
	 * Say that a newer driver saves a packet.
	 */
	@SuppressWarnings("deprecation") // in favour of constants, which would be those of
										// the
										// version that this was compiled with
	static void tellIfOld() {
		tellIfOld(Driver.getVersion());
	}

	static void tellIfOld(String fullName) {
		Matcher matcher = VERSION.matcher(fullName);
		if (matcher.find() && number(matcher) < OLDEST_WITHOUT_PACKET) {
			logger.info(
					matcher.group() + " of the PostgreSQL driver sends BEGIN in a packet of its own; 42.7.13 sends it "
							+ "together with a transaction's first statement");
		}
	}

	private static int number(Matcher version) {
		return Integer.parseInt(version.group(1)) * 10_000 + Integer.parseInt(version.group(2)) * 100
				+ Integer.parseInt(version.group(3));
	}

}
