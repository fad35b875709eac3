package io.github.crdbspring.sample.audit;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The audit over HTTP.
 */
@RestController
class AuditController {

	private final Audit audit;

	AuditController(Audit audit) {
		this.audit = audit;
	}

	@GetMapping("/audit")
	AuditReport report() {
		return this.audit.report();
	}

}
