package io.github.crdbspring.sample.web;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import org.junit.jupiter.api.Test;

import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

class ProblemHandlerTests {

	private static final List<Throwable> CONFLICT = List.of(new SQLException("secret conflict", "40001"));

	@Test
	void transactionThatWasGivenUpIsToBeTriedAgain() {
		assertTryAgain(new MaxAttemptsExceededException("transfer", Duration.ofSeconds(1), CONFLICT));
		assertTryAgain(new TransactionDeadlineExceededException("transfer", Duration.ofSeconds(1),
				Duration.ofSeconds(1), CONFLICT));
		assertTryAgain(new CannotCreateTransactionException("secret pool"));
	}

	private static void assertTryAgain(RuntimeException failure) {
		MvcTestResult answer = get(failure);
		assertThat(answer).hasStatus(503).hasHeader("Retry-After", "1");
		assertProblem(answer, "Nothing was changed");
	}

	@Test
	void unknownOutcomeIsCalledUnknown() {
		MvcTestResult answer = get(new AmbiguousCommitException("secret", new SQLException("secret", "40003")));
		assertThat(answer).hasStatus(500);
		assertProblem(answer, "unknown whether the request was carried out");
	}

	@Test
	void unexpectedFailureIsNotExplainedToTheClient() {
		MvcTestResult answer = get(new IllegalStateException("secret"));
		assertThat(answer).hasStatus(500);
		assertProblem(answer, "failed unexpectedly");
	}

	private static MvcTestResult get(RuntimeException failure) {
		return MockMvcTester
			.create(MockMvcBuilders.standaloneSetup(new FailingController(failure))
				.setControllerAdvice(new ProblemHandler())
				.build())
			.get()
			.uri("/")
			.exchange();
	}

	private static void assertProblem(MvcTestResult answer, String detail) {
		assertThat(answer).hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyText()
			.contains(detail)
			.doesNotContain("secret");
	}

	@RestController
	static class FailingController {

		private final RuntimeException failure;

		FailingController(RuntimeException failure) {
			this.failure = failure;
		}

		@GetMapping("/")
		String fail() {
			throw this.failure;
		}

	}

}
