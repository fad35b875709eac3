package io.github.crdbspring.sample.web;

import java.util.stream.Collectors;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.error.TransactionDeadlineExceededException;
import io.github.crdbspring.sample.bank.InsufficientFundsException;
import io.github.crdbspring.sample.bank.SameAccountException;
import io.github.crdbspring.sample.bank.UnknownAccountException;
import io.github.crdbspring.sample.load.LoadInProgressException;
import io.github.crdbspring.sample.load.LoadStoppedException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Turns every exception into a problem detail. Spring's own web exceptions, such as a
 * method that is not allowed, are handled by the superclass.
 */
@RestControllerAdvice
class ProblemHandler extends ResponseEntityExceptionHandler {

	private static final String RETRY_AFTER_SECONDS = "1";

	@ExceptionHandler
	ProblemDetail handle(UnknownAccountException ex) {
		return problem(HttpStatus.NOT_FOUND, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail handle(SameAccountException ex) {
		return problem(HttpStatus.BAD_REQUEST, ex.getMessage());
	}

	@ExceptionHandler({ InsufficientFundsException.class, LoadInProgressException.class })
	ProblemDetail handleConflict(RuntimeException ex) {
		return problem(HttpStatus.CONFLICT, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail handle(LoadStoppedException ex) {
		return problem(HttpStatus.SERVICE_UNAVAILABLE, ex.getMessage());
	}

	/**
	 * The transaction was certainly not committed, so it is safe to try again later.
	 */
	@ExceptionHandler({ MaxAttemptsExceededException.class, TransactionDeadlineExceededException.class,
			CannotCreateTransactionException.class })
	ResponseEntity<ProblemDetail> handleNotCommitted(RuntimeException ex) {
		this.logger.warn(ex.getMessage());
		return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
			.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
			.body(problem(HttpStatus.SERVICE_UNAVAILABLE,
					"The database is too busy or cannot be reached. Nothing was changed; please try again."));
	}

	@ExceptionHandler
	ProblemDetail handle(AmbiguousCommitException ex) {
		this.logger.error("The outcome of a request is unknown", ex);
		ProblemDetail problem = problem(HttpStatus.INTERNAL_SERVER_ERROR,
				"The connection to the database was lost during the commit, so it is unknown whether the request was "
						+ "carried out. Look at GET /transfers before you send it again.");
		problem.setTitle("Outcome Unknown");
		return problem;
	}

	@ExceptionHandler
	ProblemDetail handleUnexpected(Exception ex) {
		this.logger.error("Unexpected failure of a request", ex);
		return problem(HttpStatus.INTERNAL_SERVER_ERROR, "The request failed unexpectedly.");
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(MethodArgumentNotValidException ex,
			HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		ex.getBody()
			.setDetail(ex.getFieldErrors()
				.stream()
				.map((error) -> error.getField() + " " + error.getDefaultMessage())
				.sorted()
				.collect(Collectors.joining(", ")));
		return super.handleMethodArgumentNotValid(ex, headers, status, request);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(HttpMessageNotReadableException ex,
			HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		return handleExceptionInternal(ex, problem(status, "The request body is " + fault(ex)), headers, status,
				request);
	}

	/**
	 * Says what cannot be read, but does not repeat it: the value may be an array.
	 */
	@Override
	protected @Nullable ResponseEntity<Object> handleTypeMismatch(TypeMismatchException ex, HttpHeaders headers,
			HttpStatusCode status, WebRequest request) {
		return handleExceptionInternal(ex, problem(status, "'" + ex.getPropertyName() + "' is malformed"), headers,
				status, request);
	}

	private static String fault(HttpMessageNotReadableException ex) {
		if (ex.getCause() instanceof JacksonException cause && !cause.getPath().isEmpty()) {
			return "malformed: " + cause.getPath()
				.stream()
				.map((reference) -> String.valueOf(reference.getPropertyName()))
				.collect(Collectors.joining("."));
		}
		return "missing or malformed";
	}

	private static ProblemDetail problem(HttpStatusCode status, @Nullable String detail) {
		return ProblemDetail.forStatusAndDetail(status, (detail != null) ? detail : "");
	}

}
