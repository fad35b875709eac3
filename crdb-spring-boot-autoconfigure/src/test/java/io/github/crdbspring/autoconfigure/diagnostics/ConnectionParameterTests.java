package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for starts that fail for a parameter of the connection.
 */
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class ConnectionParameterTests {

	private final TestDatabase database;

	ConnectionParameterTests(TestDatabase database) {
		this.database = database;
	}

	@Test
	void aValueThatTheServerDoesNotTakeNamesTheParameter(CapturedOutput output) {
		assertThat(start(output, "options=-c%20statement_timeout%3Dsoonish"))
			.contains("does not know a session variable, or does not take its value: statement_timeout",
					"in the options of crdb.url, or in crdb.session.*")
			.doesNotContain("soonish");
	}

	@Test
	void aValueOfCrdbSessionThatTheServerDoesNotTakeNamesTheParameter(CapturedOutput output) {
		assertThat(FailingApplication.start(output, FailingApplication.Application.class,
				"crdb.url=" + this.database.url(), "crdb.session.statement_timeout=soonish"))
			.contains("does not take its value: statement_timeout");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					FATAL | 08P01 | unsupported startup parameter: extra_float_digits | STARTUP_PARAMETER_REFUSED | extra_float_digits
					FATAL | 08P01 | unsupported startup parameter in options: search_path | STARTUP_PARAMETER_REFUSED | search_path
					FATAL | 0A000 | Feature not supported: RDS Proxy currently doesn\u2019t support command-line options. | STARTUP_PARAMETER_REFUSED |
					ERROR | 08P01 | option "search_path" is invalid, check '=' | OPTIONS_UNREADABLE |
					FATAL | 42704 | unrecognized configuration parameter "nonsense" | SESSION_PARAMETER_REFUSED | nonsense
					FATAL | 22023 | Wert des Parameters ist unzulässig | SESSION_PARAMETER_REFUSED |
					ERROR | 22007 | invalid value for parameter "statement_timeout": "abc" | SESSION_PARAMETER_REFUSED | statement_timeout
					""")
	void whatServersAndPoolersSay(String severity, String sqlState, String message, ConnectionProblem expected,
			String parameter) {
		ConnectionFailure failure = new ConnectionFailure(
				new PSQLException(new ServerErrorMessage("S" + severity + "\0C" + sqlState + "\0M" + message + "\0")));
		assertThat(ConnectionProblem.of(failure)).isEqualTo(expected);
		assertThat(failure.parameter()).isEqualTo(parameter);
	}

	@Test
	void aStatementThatNamesAnUnknownTypeIsNoProblemOfTheConnection() {
		ConnectionFailure failure = new ConnectionFailure(
				new PSQLException(new ServerErrorMessage("SERROR\0C42704\0Mtype \"nonsense\" does not exist\0")));
		assertThat(ConnectionProblem.of(failure)).isNull();
	}

	private String start(CapturedOutput output, String parameter) {
		String url = this.database.url();
		return FailingApplication.start(output, FailingApplication.Application.class,
				"crdb.url=" + url + (url.contains("?") ? "&" : "?") + parameter);
	}

}
