package io.github.crdbspring.type;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Inet}.
 */
class InetTests {

	@ParameterizedTest
	@ValueSource(strings = { "0.0.0.0", "255.255.255.255", "10.0.0.1/24", "192.168.100.9/32", "2001:db8:0:0:0:0:0:1/64",
			"0:0:0:0:0:0:0:1" })
	void anAddressIsReadAndWritten(String text) {
		assertThat(Inet.parse(text)).hasToString(text.replace("/32", ""));
	}

	@ParameterizedTest
	@ValueSource(strings = { "999.1.1.1", "256.0.0.1", "1.2.3.4.5", "1.2.3", "1", "1..2.3", "010.1.1.1", ".", "" })
	void whatIsNoAddressIsNotLookedUpAsTheNameOfAHost(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Inet.parse(text))
			.withMessageContaining("is no address")
			.withNoCause();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1::2::3", "1:2", ":::" })
	void whatHasAColonIsNoNameOfAHost(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Inet.parse(text)).withMessageContaining("is no address");
	}

}
