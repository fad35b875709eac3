package io.github.crdbspring.transaction.annotation;

import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what {@link CrdbTransactionalAdvisor} refuses when a bean is created.
 */
class MistakeTests {

	private final CrdbTransactionalAdvisor advisor = new CrdbTransactionalAdvisor((qualifier) -> {
		throw new UnsupportedOperationException();
	}, (text) -> text);

	@ParameterizedTest
	@ValueSource(classes = { ReturnsFuture.class, ReturnsCompletableFuture.class, ReturnsStream.class,
			ReturnsIntStream.class, ReturnsIterator.class, ReturnsPublisher.class })
	void aResultThatIsNotCompleteIsRefused(Class<?> type) {
		assertRefused(type, "cannot be run again");
	}

	@ParameterizedTest
	@ValueSource(classes = { Private.class, Static.class, Final.class })
	void aMethodThatNoProxyCanInterceptIsRefused(Class<?> type) {
		assertRefused(type, "is " + type.getSimpleName().toLowerCase(Locale.ROOT));
	}

	@ParameterizedTest
	@ValueSource(classes = { Timeout.class, NegativeTimeout.class })
	void aBadTimeoutIsRefused(Class<?> type) {
		assertRefused(type, "timeout");
	}

	@ParameterizedTest
	@ValueSource(classes = { Attempts.class })
	void aNegativeNumberOfAttemptsIsRefused(Class<?> type) {
		assertRefused(type, "maxAttempts");
	}

	@ParameterizedTest
	@ValueSource(classes = { SystemTimeInjection.class, SystemTimeFuture.class, SystemTimeExpressionSyntax.class })
	void aBadSystemTimeIsRefused(Class<?> type) {
		assertRefused(type, "invalid attribute");
	}

	@ParameterizedTest
	@ValueSource(classes = { ContentionKeySyntax.class, ContentionKeyName.class, ContentionKeyEmpty.class })
	void aBadContentionKeyIsRefused(Class<?> type) {
		assertRefused(type, "contentionKey '");
	}

	@ParameterizedTest
	@ValueSource(classes = { Contradiction.class })
	void aContradictionIsRefused(Class<?> type) {
		assertRefused(type, "idempotent has no meaning");
	}

	private void assertRefused(Class<?> type, String reason) {
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.advisor.check(type))
			.withMessageContaining(type.getSimpleName() + ".mistaken(")
			.withMessageContaining(reason);
	}

	static class ReturnsFuture {

		@CrdbTransactional
		Future<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsCompletableFuture {

		@CrdbTransactional
		CompletableFuture<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsStream {

		@CrdbTransactional
		Stream<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsIntStream {

		@CrdbTransactional
		IntStream mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsIterator {

		@CrdbTransactional
		Iterator<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsPublisher {

		@CrdbTransactional
		Flow.Publisher<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class Private {

		@CrdbTransactional
		private void mistaken() {
		}

	}

	static class Static {

		@CrdbTransactional
		static void mistaken() {
		}

	}

	static class Final {

		@CrdbTransactional
		final void mistaken() {
		}

	}

	static class Timeout {

		@CrdbTransactional(timeout = "soon")
		void mistaken() {
		}

	}

	static class NegativeTimeout {

		@CrdbTransactional(timeout = "-1s")
		void mistaken() {
		}

	}

	static class Attempts {

		@CrdbTransactional(maxAttempts = -1)
		void mistaken() {
		}

	}

	static class SystemTimeInjection {

		@CrdbTransactional(systemTime = "-1s'; DROP TABLE item")
		void mistaken() {
		}

	}

	static class SystemTimeFuture {

		@CrdbTransactional(systemTime = "2999-01-01T00:00:00Z")
		void mistaken() {
		}

	}

	static class SystemTimeExpressionSyntax {

		@CrdbTransactional(systemTime = "#{{")
		void mistaken() {
		}

	}

	static class ContentionKeySyntax {

		@CrdbTransactional(contentionKey = { "#id", "#id +" })
		public void mistaken(long id) {
		}

	}

	static class ContentionKeyName {

		@CrdbTransactional(contentionKey = "#account")
		public void mistaken(long id) {
		}

	}

	static class ContentionKeyEmpty {

		@CrdbTransactional(contentionKey = " ")
		public void mistaken(long id) {
		}

	}

	static class Contradiction {

		@CrdbTransactional(systemTime = "-10s", idempotent = true)
		void mistaken() {
		}

	}

}
