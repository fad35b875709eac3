package io.github.crdbspring.test;

import java.util.List;
import java.util.stream.Collectors;

import io.github.crdbspring.transaction.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One transaction, with all its attempts, as it was when it was asked for.
 *
 * @param name its name, empty if it has none
 * @param attempts its attempts so far
 * @param outcome how it ended, {@code null} if it has not
 * @param failure what the caller got, {@code null} if it got a result
 * @since 0.1.0
 */
public record RecordedTransaction(String name, List<RecordedAttempt> attempts, @Nullable TransactionOutcome outcome,
		@Nullable Throwable failure) {

	@Override
	public String toString() {
		return "'" + this.name + "' " + ((this.outcome != null) ? this.outcome : "under way") + ": "
				+ this.attempts.stream().map(Object::toString).collect(Collectors.joining("; "));
	}

}
