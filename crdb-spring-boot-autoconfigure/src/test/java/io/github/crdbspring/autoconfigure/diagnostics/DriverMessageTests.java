package io.github.crdbspring.autoconfigure.diagnostics;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DriverMessage}.
 */
class DriverMessageTests {

	@Test
	void aMessageHasAnArgument() {
		PSQLException failure = failure("Could not read SSL key file {0}.", "/etc/{0}/client$1.key");
		assertThat(DriverMessage.KEY_UNREADABLE.is(failure)).isTrue();
		assertThat(DriverMessage.KEY_UNREADABLE.argument(failure)).isEqualTo("/etc/{0}/client$1.key");
		assertThat(DriverMessage.NO_TLS.is(failure)).isFalse();
		assertThat(DriverMessage.NO_TLS.argument(failure)).isNull();
	}

	@Test
	void aMessageWithoutArgumentHasNone() {
		PSQLException failure = failure("The server does not support SSL.");
		assertThat(DriverMessage.NO_TLS.is(failure)).isTrue();
		assertThat(DriverMessage.NO_TLS.argument(failure)).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void whatTheServerSaysIsNotTheDrivers(DriverMessage message) {
		PSQLException failure = new PSQLException(
				new ServerErrorMessage("SFATAL\0C08004\0MThe server does not support SSL.\0"), false);
		assertThat(message.is(failure)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "de", "fr", "ja", "ru" })
	void theDriverMaySpeakAnotherLanguage(String language) throws Exception {
		Locale before = Locale.getDefault();
		Locale.setDefault(Locale.forLanguageTag(language));
		// The driver reads the language once, when its translator is loaded
		try (URLClassLoader fresh = new URLClassLoader(
				new URL[] { location(PSQLException.class), location(DriverMessage.class) },
				ClassLoader.getPlatformClassLoader())) {
			String text = "Connection attempt timed out.";
			Method translator = fresh.loadClass(GT.class.getName()).getMethod("tr", String.class, Object[].class);
			String translated = (String) translator.invoke(null, text, new Object[0]);
			assertThat(translated).isNotEqualTo(text);
			Class<?> failureType = fresh.loadClass(PSQLException.class.getName());
			Object failure = failureType.getConstructor(String.class, fresh.loadClass(PSQLState.class.getName()))
				.newInstance(translated, null);
			Class<?> messages = fresh.loadClass(DriverMessage.class.getName());
			Method is = messages.getDeclaredMethod("is", failureType);
			is.setAccessible(true);
			for (Object message : messages.getEnumConstants()) {
				assertThat(is.invoke(message, failure)).as(message.toString())
					.isEqualTo("CONNECTION_TIMED_OUT".equals(message.toString()));
			}
		}
		finally {
			Locale.setDefault(before);
		}
	}

	private static URL location(Class<?> type) {
		return type.getProtectionDomain().getCodeSource().getLocation();
	}

	private static PSQLException failure(String text, Object... arguments) {
		return new PSQLException(GT.tr(text, arguments), PSQLState.CONNECTION_FAILURE);
	}

}
