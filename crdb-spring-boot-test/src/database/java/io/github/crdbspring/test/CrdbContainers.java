package io.github.crdbspring.test;

import java.sql.Connection;
import java.sql.SQLException;

import org.testcontainers.cockroachdb.CockroachContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * CockroachDB in Docker, set up for tests: in memory, without the background work that a
 * server does for data that lasts, and with rangefeeds. What is stored is lost with the
 * container.
 *
 * <pre class="code">
 * &#64;Container
 * &#64;ServiceConnection
 * static CockroachContainer cockroach = CrdbContainers.fast();
 * </pre>
 *
 * Insecure, unless it is given a user and a password. Needs
 * {@code org.testcontainers:testcontainers-cockroachdb}.
 *
 * @since 0.1.0
 * @see <a href="https://www.cockroachlabs.com/docs/stable/local-testing">CockroachDB:
 * Test Your Application Locally</a>
 */
public final class CrdbContainers {

	private CrdbContainers() {
	}

	/**
	 * Make a container of the image {@code -Dcrdb.test.image}, or of a recent version.
	 * @return a container that is not started
	 */
	public static CockroachContainer fast() {
		return fast(DockerServer.image());
	}

	/**
	 * Make a container.
	 * @param image an image such as {@code cockroachdb/cockroach:v25.2.0}
	 * @return a container that is not started
	 */
	public static CockroachContainer fast(String image) {
		return new FastContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("cockroachdb/cockroach"));
	}

	/**
	 * Keeps its data in memory, and is given settings once it has started.
	 */
	private static final class FastContainer extends CockroachContainer {

		FastContainer(DockerImageName image) {
			super(image);
		}

		@Override
		protected void configure() {
			super.configure();
			withCommand(String.join(" ", getCommandParts()) + " --store=type=mem,size=1GiB");
		}

		@Override
		protected void waitUntilContainerStarted() {
			super.waitUntilContainerStarted();
			try (Connection connection = createConnection("")) {
				FastSettings.apply(connection);
			}
			catch (SQLException ex) {
				throw new IllegalStateException("The settings for fast tests could not be made", ex);
			}
		}

	}

}
