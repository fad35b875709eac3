package io.github.crdbspring.transaction.annotation;

import java.io.BufferedInputStream;
import java.io.Reader;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.crdbspring.test.LogRecorder;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.event.EventListener;
import org.springframework.data.domain.Page;
import org.springframework.jdbc.core.support.JdbcDaoSupport;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what {@link CrdbTransactionalAdvisor} refuses when a bean is created.
 */
class MistakeTests {

	private final CrdbTransactionalAdvisor advisor = new CrdbTransactionalAdvisor((qualifier) -> {
		throw new UnsupportedOperationException();
	}, (text) -> text.replace("${thirty}", "30"));

	@ParameterizedTest
	@ValueSource(classes = { ReturnsFuture.class, ReturnsCompletableFuture.class, ReturnsStream.class,
			ReturnsIntStream.class, ReturnsIterator.class, ReturnsSpliterator.class, ReturnsPublisher.class,
			ReturnsSubscribable.class, ReturnsProcessor.class, ReturnsOptionalStream.class, ReturnsFutures.class,
			ReturnsIterators.class })
	void aResultThatIsNotCompleteIsRefused(Class<?> type) {
		assertRefused(type, "cannot be run again");
	}

	@Test
	void aResultThatIsNotCompleteInASubclassIsRefused() {
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.advisor.check(ReturnsGeneric.class))
			.withMessageContaining("Generic.mistaken()")
			.withMessageContaining("cannot be run again");
	}

	@ParameterizedTest
	@ValueSource(classes = { Typo.class, RootProperty.class, TypoInCall.class, Function.class })
	void anUnknownNameInAnExpressionIsRefused(Class<?> type) {
		assertRefused(type, "unknown name");
	}

	@Test
	void knownNamesInAnExpressionAreTaken() {
		this.advisor.check(Expressions.class);
	}

	@ParameterizedTest
	@ValueSource(classes = { TimeoutWithoutUnit.class, TimeoutWithPlaceholder.class })
	void aTimeoutWithoutUnitIsRefused(Class<?> type) {
		assertRefused(type, "timeout '30' has no unit; use one such as 30s");
	}

	@Test
	void aFinalMethodOfAnAnnotatedClassIsRefused() {
		assertRefused(FinalMethodOfClass.class, "is final");
	}

	@Test
	void finalMethodsThatSpringsSupportClassesHaveDoNoHarm() {
		this.advisor.check(Dao.class);
	}

	@Test
	void aFinalClassIsRefused() {
		assertRefused(FinalClass.class, "is final, so that no proxy can be made of it");
	}

	@ParameterizedTest
	@ValueSource(classes = { Made.class, Destroyed.class })
	void aMethodThatIsCalledPastTheProxyIsRefused(Class<?> type) {
		assertRefused(type, "past its proxy");
	}

	@Test
	void aMethodOfAnAnnotatedClassThatIsCalledPastTheProxyIsTold() {
		assertThat(warnings(MadeInClass.class)).singleElement().asString().contains("MadeInClass.init()");
	}

	@ParameterizedTest
	@ValueSource(classes = { AfterCommit.class, AfterRollback.class, ListenerThatJoins.class, ListenerOfClass.class })
	void aListenerThatComesTooLateIsRefused(Class<?> type) {
		assertRefused(type, "nested = NestedTransactionPolicy.REQUIRES_NEW");
	}

	@Test
	void listenersWhoseWorkIsKeptAreTaken() {
		this.advisor.check(Listeners.class);
		new CrdbTransactionalAdvisor((qualifier) -> {
			throw new UnsupportedOperationException();
		}, (text) -> text.replace("${crdb.transaction.nested:}", "requires-new")).check(AfterCommit.class);
	}

	@ParameterizedTest
	@ValueSource(classes = { TakesIterator.class, TakesStream.class, TakesInputStream.class, TakesReaders.class,
			TakesPublisher.class })
	void anArgumentThatCanBeReadOnceIsTold(Class<?> type) {
		assertThat(warnings(type)).singleElement().asString().contains("can be read only once");
	}

	@ParameterizedTest
	@ValueSource(classes = { ReturnsCallable.class, ReturnsSupplier.class })
	void aLazyResultIsTold(Class<?> type) {
		assertThat(warnings(type)).singleElement().asString().contains("when it is asked");
	}

	@Test
	void aTransactionOfSpringsThatIsNotTheSameIsTold() {
		assertThat(warnings(BesideNewTransaction.class)).singleElement().asString().contains("Remove one of them");
	}

	@Test
	void ordinaryArgumentsAndResultsAreNotTold() {
		assertThat(warnings(Ordinary.class)).isEmpty();
	}

	private List<String> warnings(Class<?> type) {
		try (LogRecorder log = new LogRecorder()) {
			this.advisor.check(type);
			return log.warnings();
		}
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
		void mistaken(long id) {
		}

	}

	static class ContentionKeyName {

		@CrdbTransactional(contentionKey = "#account")
		void mistaken(long id) {
		}

	}

	static class ContentionKeyEmpty {

		@CrdbTransactional(contentionKey = " ")
		void mistaken(long id) {
		}

	}

	static class Contradiction {

		@CrdbTransactional(systemTime = "-10s", idempotent = true)
		void mistaken() {
		}

	}

	static class ReturnsSpliterator {

		@CrdbTransactional
		Spliterator<String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	interface Subscribable extends Flow.Publisher<String> {

	}

	static class ReturnsSubscribable {

		@CrdbTransactional
		Subscribable mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsProcessor {

		@CrdbTransactional
		Flow.Processor<String, String> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsOptionalStream {

		@CrdbTransactional
		Optional<Stream<String>> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsFutures {

		@CrdbTransactional
		List<? extends Future<String>> mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsIterators {

		@CrdbTransactional
		Iterator<String>[] mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	abstract static class Generic<T> {

		@CrdbTransactional
		T mistaken() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsGeneric extends Generic<Stream<String>> {

	}

	static class Typo {

		@CrdbTransactional(systemTime = "#agee")
		void mistaken(Duration age) {
		}

	}

	static class RootProperty {

		@CrdbTransactional(systemTime = "#age ?: defaultAge")
		void mistaken(Duration age) {
		}

	}

	static class TypoInCall {

		@CrdbTransactional(systemTime = "#age.plus(#more)")
		void mistaken(Duration age) {
		}

	}

	static class Function {

		@CrdbTransactional(systemTime = "#ago(5)")
		void mistaken(Duration age) {
		}

	}

	static class Expressions {

		@CrdbTransactional(systemTime = "#age")
		void name(Duration age) {
		}

		@CrdbTransactional(systemTime = "#p0.plus(#a1)")
		void index(Duration age, Duration more) {
		}

		@CrdbTransactional(systemTime = "#request.age ?: T(java.time.Duration).ofSeconds(5)")
		void property(Object request) {
		}

		@CrdbTransactional(systemTime = "#requests.![age][0]")
		void projection(List<?> requests) {
		}

		@CrdbTransactional(systemTime = "#ages[latest]")
		void key(Map<String, Duration> ages) {
		}

	}

	static class TimeoutWithoutUnit {

		@CrdbTransactional(timeout = "30")
		void mistaken() {
		}

	}

	static class TimeoutWithPlaceholder {

		@CrdbTransactional(timeout = " ${thirty} ")
		void mistaken() {
		}

	}

	@CrdbTransactional
	static class FinalMethodOfClass {

		final void mistaken() {
		}

	}

	@CrdbTransactional
	static class Dao extends JdbcDaoSupport {

		void work() {
		}

	}

	static final class FinalClass {

		@CrdbTransactional
		void mistaken() {
		}

	}

	static class Made {

		@PostConstruct
		@CrdbTransactional
		void mistaken() {
		}

	}

	static class Destroyed {

		@PreDestroy
		@CrdbTransactional
		void mistaken() {
		}

	}

	@CrdbTransactional
	static class MadeInClass {

		@PostConstruct
		void init() {
		}

	}

	static class AfterCommit {

		@TransactionalEventListener
		@CrdbTransactional
		void mistaken(String event) {
		}

	}

	static class AfterRollback {

		@TransactionalEventListener(phase = TransactionPhase.AFTER_ROLLBACK, fallbackExecution = true)
		@CrdbTransactional
		void mistaken(String event) {
		}

	}

	static class ListenerThatJoins {

		@TransactionalEventListener(phase = TransactionPhase.AFTER_COMPLETION)
		@CrdbTransactional(nested = NestedTransactionPolicy.JOIN_ANY)
		void mistaken(String event) {
		}

	}

	@CrdbTransactional
	static class ListenerOfClass {

		@TransactionalEventListener
		void mistaken(String event) {
		}

	}

	static class Listeners {

		@TransactionalEventListener
		@CrdbTransactional(nested = NestedTransactionPolicy.REQUIRES_NEW)
		void ownTransaction(String event) {
		}

		@TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
		@CrdbTransactional
		void beforeCommit(String event) {
		}

		@Async
		@TransactionalEventListener
		@CrdbTransactional
		void otherThread(String event) {
		}

		@EventListener
		@CrdbTransactional
		void ordinary(String event) {
		}

	}

	static class TakesIterator {

		@CrdbTransactional
		void load(Iterator<Integer> ids) {
		}

	}

	static class TakesStream {

		@CrdbTransactional
		void load(IntStream ids) {
		}

	}

	static class TakesInputStream {

		@CrdbTransactional
		void load(BufferedInputStream content) {
		}

	}

	static class TakesReaders {

		@CrdbTransactional
		void load(String name, Map<String, Reader> contents) {
		}

	}

	static class TakesPublisher {

		@CrdbTransactional
		void load(Flow.Publisher<String> content) {
		}

	}

	static class ReturnsCallable {

		@CrdbTransactional
		Callable<String> load() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsSupplier {

		@CrdbTransactional
		Optional<Supplier<String>> load() {
			throw new UnsupportedOperationException();
		}

	}

	static class BesideNewTransaction {

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		@CrdbTransactional
		void work() {
		}

	}

	static class Ordinary {

		@Transactional
		@CrdbTransactional
		void besideSprings() {
		}

		@CrdbTransactional
		Page<String> load(List<String> ids, byte[] content, Iterable<String> names) {
			throw new UnsupportedOperationException();
		}

		@Async
		@CrdbTransactional
		CompletableFuture<String> onItsThread() {
			throw new UnsupportedOperationException();
		}

	}

}
