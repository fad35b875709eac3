package io.github.crdbspring.sample.page;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;

/**
 * The load that the page asks for.
 *
 * @param shape which accounts
 * @param threads how many threads
 * @param seconds for how long
 */
record PageLoadRequest(@NotNull LoadShape shape, @Min(1) @Max(MAX_THREADS) int threads, @Min(1) @Max(600) int seconds) {

	static final int MAX_THREADS = 16;

}
