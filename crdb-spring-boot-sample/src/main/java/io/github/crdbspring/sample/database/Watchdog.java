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
	 * process of the terminal. Tries more than once, in case the server was only just
	 * being started.
	 */
	private static final String SCRIPT = """
			trap '' HUP INT TERM
			read -r line && exit
			for i in 1 2 3; do
				pid=$(head -n 1 "$1/postmaster.pid") && kill -QUIT "$pid"
				sleep 1
			done
			rm -rf -- "$1"
			""";

	private final @Nullable Process process;

	private Watchdog(@Nullable Process process) {
		this.process = process;
	}

	/**
	 * Watch over a server that is going to be started.
	 */
	static Watchdog start(Path data) throws IOException {
		if (File.separatorChar != '/') {
			return new Watchdog(null);
		}
		return new Watchdog(
				new ProcessBuilder("sh", "-c", SCRIPT, "watchdog", data.toString()).redirectOutput(Redirect.DISCARD)
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
