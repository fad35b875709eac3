package io.github.crdbspring.test;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Ties the life of a process to that of this JVM, however that ends: a shell reads from a
 * pipe of the JVM's, and kills the process when the pipe breaks.
 */
final class Watchdog {

	private static final boolean UNIX = File.separatorChar == '/';

	private Watchdog() {
	}

	/**
	 * Wrap a command, so that it does not outlive this JVM.
	 */
	static List<String> wrap(List<String> command) {
		if (!UNIX) {
			return command;
		}
		List<String> wrapped = new ArrayList<>(
				List.of("sh", "-c", "\"$@\" </dev/null & cat >/dev/null; kill -9 $!", "watchdog"));
		wrapped.addAll(command);
		return wrapped;
	}

	/**
	 * Have a running process killed when this JVM ends.
	 */
	static void guard(long pid) throws IOException {
		if (UNIX) {
			new ProcessBuilder("sh", "-c", "cat >/dev/null; kill -9 " + pid + " 2>/dev/null").start();
		}
	}

}
