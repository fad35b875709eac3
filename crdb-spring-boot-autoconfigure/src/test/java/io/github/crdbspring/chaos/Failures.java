package io.github.crdbspring.chaos;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Puts failures into words.
 */
final class Failures {

	private Failures() {
	}

	/**
	 * Describe a failure in one line, with all that stands behind it.
	 */
	static String describe(Throwable failure) {
		List<String> parts = new ArrayList<>();
		collect(failure, parts, Collections.newSetFromMap(new IdentityHashMap<>()));
		return String.join(" <- ", parts);
	}

	/**
	 * Name a failure with the SQLSTATE behind it, if there is one.
	 */
	static String name(Throwable failure) {
		String name = failure.getClass().getSimpleName();
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException ex && ex.getSQLState() != null) {
				return name + " [" + ex.getSQLState() + "]";
			}
		}
		return name;
	}

	private static void collect(Throwable failure, List<String> parts, Set<Throwable> seen) {
		if (failure == null || !seen.add(failure)) {
			return;
		}
		String state = (failure instanceof SQLException ex) ? " [" + ex.getSQLState() + "]" : "";
		parts.add(failure.getClass().getSimpleName() + state + " " + firstLine(failure));
		collect(failure.getCause(), parts, seen);
		if (failure instanceof SQLException ex) {
			collect(ex.getNextException(), parts, seen);
		}
	}

	private static String firstLine(Throwable failure) {
		return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
	}

}
