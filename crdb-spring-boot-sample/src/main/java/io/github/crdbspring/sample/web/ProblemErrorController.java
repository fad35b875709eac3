package io.github.crdbspring.sample.web;

import java.net.URI;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers for errors that the container reports before or after Spring MVC, so that they
 * are problem details too.
 */
@RestController
class ProblemErrorController implements ErrorController {

	@RequestMapping("/error")
	ProblemDetail error(HttpServletRequest request) {
		if (request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status
				&& request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String uri) {
			ProblemDetail problem = ProblemDetail.forStatus(status);
			problem.setInstance(URI.create(uri));
			return problem;
		}
		// Somebody has asked for /error itself
		return ProblemDetail.forStatus(HttpStatus.NOT_FOUND);
	}

}
