package io.github.crdbspring.sample.page;

import io.github.crdbspring.sample.audit.AuditReport;
import io.github.crdbspring.sample.bank.Account;
import io.github.crdbspring.sample.fault.CutMoment;
import io.github.crdbspring.sample.fault.FaultsUnavailableException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;

import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * What the page listens to, and what its buttons do. What comes of that is told to those
 * who listen.
 */
@RestController
@RequestMapping("/page")
@RegisterReflectionForBinding({ Figures.class, Happening.class, LiveFeed.State.class, LiveFeed.AccountsNow.class,
		Account.class, AuditReport.class })
class PageController {

	private final LiveFeed feed;

	private final PageLoad load;

	private final Experiments experiments;

	PageController(LiveFeed feed, PageLoad load, Experiments experiments) {
		this.feed = feed;
		this.load = load;
		this.experiments = experiments;
	}

	@GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	SseEmitter events() {
		return this.feed.subscribe();
	}

	@PostMapping("/load")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void startLoad(@Valid @RequestBody PageLoadRequest request) {
		this.load.start(request);
	}

	@DeleteMapping("/load")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void stopLoad() {
		this.load.stop();
	}

	@PostMapping(path = "/conflicts", consumes = MediaType.APPLICATION_JSON_VALUE)
	@ResponseStatus(HttpStatus.ACCEPTED)
	void injectConflicts() {
		this.experiments.injectConflicts();
	}

	@PostMapping("/cut")
	@ResponseStatus(HttpStatus.ACCEPTED)
	void cut(@Valid @RequestBody CutRequest request) {
		this.experiments.cutDuringCommit(request.moment());
	}

	@PostMapping(path = "/pause", consumes = MediaType.APPLICATION_JSON_VALUE)
	@ResponseStatus(HttpStatus.ACCEPTED)
	void pause() {
		this.experiments.pauseDatabase();
	}

	@ExceptionHandler({ ExperimentInProgressException.class, FaultsUnavailableException.class })
	ProblemDetail handleConflict(RuntimeException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail handle(TooManySubscribersException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, ex.getMessage());
	}

	/**
	 * Which connection to cut.
	 *
	 * @param moment when, seen from COMMIT
	 */
	record CutRequest(@NotNull CutMoment moment) {

	}

}
