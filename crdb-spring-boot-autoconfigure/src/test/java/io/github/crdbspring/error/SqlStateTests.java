package io.github.crdbspring.error;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SqlState}.
 */
class SqlStateTests {

	@ParameterizedTest
	@ValueSource(strings = { "08000", "08003", "08006", "08007", "57P01", "57P02", "57P03" })
	void aLostConnectionIsRecognised(String sqlState) {
		assertThat(SqlState.isConnectionLost(sqlState)).isTrue();
		assertThat(SqlState.isCommitOutcomeUnknown(sqlState)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "08001", "08004" })
	void aConnectionThatWasNeverMadeIsNotLost(String sqlState) {
		assertThat(SqlState.isConnectionLost(sqlState)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "40003", "57014", "08P01", "08001", "53300", "57P04", "57000", "58C00", "58C01", "XXUUU",
			"XX000", "XXC02" })
	void anAmbiguousOrCancelledCommitHasNoKnownOutcome(String sqlState) {
		assertThat(SqlState.isCommitOutcomeUnknown(sqlState)).isTrue();
		assertThat(SqlState.isConnectionLost(sqlState)).isFalse();
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "00000", "40001", "40P01", "23505", "25P02", "25006", "42601", "0A000", "XXA00", "8006",
			"18006", "0" })
	void anythingElseIsNeither(String sqlState) {
		assertThat(SqlState.isConnectionLost(sqlState)).isFalse();
		assertThat(SqlState.isCommitOutcomeUnknown(sqlState)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "23505", "23503", "25P02", "0A000" })
	void someErrorsOfCommitAreCertain(String sqlState) {
		assertThat(SqlState.isCertainlyNotCommitted(sqlState)).isTrue();
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "40003", "08006", "57014", "XXUUU", "XXA00", "53200", "58C01", "P0001", "42P01" })
	void allOtherErrorsOfCommitAreNot(String sqlState) {
		assertThat(SqlState.isCertainlyNotCommitted(sqlState)).isFalse();
	}

	@Test
	void theCodesAreThoseOfTheServer() {
		assertThat(SqlState.SERIALIZATION_FAILURE).isEqualTo("40001");
		assertThat(SqlState.STATEMENT_COMPLETION_UNKNOWN).isEqualTo("40003");
		assertThat(SqlState.QUERY_CANCELED).isEqualTo("57014");
		assertThat(SqlState.IN_FAILED_TRANSACTION).isEqualTo("25P02");
		assertThat(SqlState.CONNECTION_DOES_NOT_EXIST).isEqualTo("08003");
	}

}
