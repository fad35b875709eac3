package io.github.crdbspring.sample.load;

import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * Runs a load on request.
 */
@RestController
class LoadController {

	private final LoadRunner loadRunner;

	LoadController(LoadRunner loadRunner) {
		this.loadRunner = loadRunner;
	}

	@PostMapping("/load")
	LoadReport load(@Valid @RequestBody(required = false) @Nullable LoadRequest request) {
		return this.loadRunner.run((request != null) ? request : LoadRequest.DEFAULT);
	}

}
