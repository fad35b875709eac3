package io.github.crdbspring.transaction;

import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link TransactionPriority}.
 */
class TransactionPriorityTests {

	@ParameterizedTest
	@CsvSource({ "low, LOW", "Low, LOW", "LOW, LOW", "normal, NORMAL", "nOrMaL, NORMAL", "high, HIGH", "HIGH, HIGH",
			"default, DEFAULT" })
	void parsesWhateverTheCase(String text, TransactionPriority priority) {
		assertThat(TransactionPriority.parse(text)).isEqualTo(priority);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", " high", "high ", "highest", "hig", "0", "1", "null", "H\u0130GH",
			"HIGH; DROP TABLE x" })
	void refusesAnythingElse(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> TransactionPriority.parse(text))
			.withMessage("Unknown transaction priority '" + text + "': use one of [DEFAULT, LOW, NORMAL, HIGH]");
	}

	@ParameterizedTest
	@EnumSource
	void parsesItsOwnNames(TransactionPriority priority) {
		assertThat(TransactionPriority.parse(priority.toString())).isEqualTo(priority);
	}

	@Test
	void doesNotDependOnTheLocale() {
		Locale locale = Locale.getDefault();
		Locale.setDefault(new Locale("tr", "TR"));
		try {
			assertThat(TransactionPriority.parse("high")).isEqualTo(TransactionPriority.HIGH);
		}
		finally {
			Locale.setDefault(locale);
		}
	}

}
