package io.github.crdbspring.sample.load;

import com.fasterxml.jackson.annotation.JsonCreator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;

/**
 * How much load.
 *
 * @param transfers how many transfers
 * @param threads how many threads make them
 * @param accounts between how many accounts; the fewer, the more conflicts
 */
record LoadRequest(@Min(1) @Max(100_000) int transfers, @Min(1) @Max(64) int threads, @Min(2) @Max(1000) int accounts) {

	static final LoadRequest DEFAULT = new LoadRequest(1000, 8, 10);

	@JsonCreator
	static LoadRequest of(@Nullable Integer transfers, @Nullable Integer threads, @Nullable Integer accounts) {
		return new LoadRequest((transfers != null) ? transfers : DEFAULT.transfers,
				(threads != null) ? threads : DEFAULT.threads, (accounts != null) ? accounts : DEFAULT.accounts);
	}

}
