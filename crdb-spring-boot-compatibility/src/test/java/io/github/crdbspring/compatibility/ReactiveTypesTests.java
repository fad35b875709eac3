package io.github.crdbspring.compatibility;

import java.util.List;
import java.util.Optional;

import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.transaction.annotation.CrdbTransactionalAdvisor;
import kotlin.coroutines.Continuation;
import kotlin.sequences.Sequence;
import kotlinx.coroutines.Deferred;
import kotlinx.coroutines.flow.Flow;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Processor;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.http.ResponseEntity;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests that a method is refused whose work would begin when its transaction has ended.
 */
class ReactiveTypesTests {

	private final CrdbTransactionalAdvisor advisor = new CrdbTransactionalAdvisor((qualifier) -> {
		throw new UnsupportedOperationException();
	}, (text) -> text);

	@ParameterizedTest
	@ValueSource(classes = { ReturnsMono.class, ReturnsFlux.class, ReturnsProcessor.class, ReturnsOwnPublisher.class,
			ReturnsWrapped.class, ReturnsList.class, ReturnsKotlinFlow.class, ReturnsSequence.class,
			ReturnsDeferred.class, Suspends.class })
	void itIsRefused(Class<?> type) {
		assertThatIllegalStateException().isThrownBy(() -> this.advisor.check(type))
			.withMessageContaining(type.getSimpleName() + ".work(")
			.withMessageContaining("cannot be run again");
	}

	static class ReturnsMono {

		@CrdbTransactional
		Mono<Integer> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsFlux {

		@CrdbTransactional
		Flux<Integer> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsProcessor {

		@CrdbTransactional
		Processor<Integer, Integer> work() {
			throw new UnsupportedOperationException();
		}

	}

	interface OwnPublisher extends Publisher<Integer> {

	}

	static class ReturnsOwnPublisher {

		@CrdbTransactional
		OwnPublisher work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsWrapped {

		@CrdbTransactional
		ResponseEntity<Flux<Integer>> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsList {

		@CrdbTransactional
		Optional<List<Mono<Integer>>> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsKotlinFlow {

		@CrdbTransactional
		Flow<Integer> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsSequence {

		@CrdbTransactional
		Sequence<Integer> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class ReturnsDeferred {

		@CrdbTransactional
		Deferred<Integer> work() {
			throw new UnsupportedOperationException();
		}

	}

	static class Suspends {

		@CrdbTransactional
		Object work(Continuation<? super Integer> continuation) {
			throw new UnsupportedOperationException();
		}

	}

}
