package io.github.crdbspring.autoconfigure.datasource;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DriverVersion}.
 */
@ExtendWith(OutputCaptureExtension.class)
class DriverVersionTests {

	private final LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());

	@BeforeEach
	void showInfo() {
		this.logging.setLogLevel(DriverVersion.class.getName(), LogLevel.INFO);
	}

	@AfterEach
	void showNoMoreInfo() {
		this.logging.setLogLevel(DriverVersion.class.getName(), null);
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.12", "42.6.20", "42.2.5", "9.4.1212" })
	void anOldDriverIsTold(String version, CapturedOutput output) {
		DriverVersion.tellIfOld("PostgreSQL JDBC Driver " + version);
		assertThat(output).contains(version + " of the PostgreSQL driver sends BEGIN in a packet of its own");
	}

	@ParameterizedTest
	@ValueSource(strings = { "42.7.13", "42.7.14", "42.8.0", "43.0.0", "unknown" })
	void anotherIsNot(String version, CapturedOutput output) {
		DriverVersion.tellIfOld("PostgreSQL JDBC Driver " + version);
		assertThat(output).doesNotContain("of its own");
	}

	@Test
	void theDriverInUseIsLookedAt(CapturedOutput output) {
		DriverVersion.tellIfOld();
		assertThat(output.toString().contains("of its own"))
			.isEqualTo(PGProperty.forName("reWriteBatchedInsertsSize") == null);
	}

}
