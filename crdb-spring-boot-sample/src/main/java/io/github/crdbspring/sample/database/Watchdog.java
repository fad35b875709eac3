package io.github.crdbspring.sample.database;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Stops the embedded server when this JVM is killed and cannot do it itself: a shell that
 * reads from a pipe of the JVM's, which breaks when the JVM is gone. There is none on
 * Windows.
 */
final class Watchdog {

	/**
	 * A line means that all is well. Signals are ignored, since Ctrl-C reaches every
	 * process of the terminal.
	 */
	private static final String SCRIPT = """
			trap '' HUP INT TERM
			read -r line && exit
			kill -QUIT "$1"
			for i in 1 2 3 4 5 6 7 8 9 10; do
				kill -0 "$1" && sleep 1
			done
			rm -rf -- "$2"
			""";

	private final @Nullable Process process;

	private Watchdog(@Nullable Process process) {
		this.process = process;
	}

	static Watchdog start(long processId, Path data) throws IOException {
		if (File.separatorChar != '/') {
			return new Watchdog(null);
		}
		return new Watchdog(
				new ProcessBuilder("sh", "-c", SCRIPT, "watchdog", String.valueOf(processId), data.toString())
					.redirectOutput(Redirect.DISCARD)
					.redirectError(Redirect.DISCARD)
					.start());
	}

	/**
	 * The server has been stopped.
	 */
	void close() throws IOException {
		if (this.process != null) {
			try (OutputStream pipe = this.process.getOutputStream()) {
				pipe.write('\n');
			}
		}
	}

}
