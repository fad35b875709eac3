package io.github.crdbspring.transaction;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.retry.RetryContext;
import org.springframework.retry.backoff.BackOffContext;
import org.springframework.retry.backoff.BackOffInterruptedException;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.policy.SimpleRetryPolicy;
import org.springframework.retry.support.RetrySynchronizationManager;
import org.springframework.retry.support.RetryTemplate;

/**
 * Runs the attempts of a call as long as one says that {@link NextAttempt another}
 * follows. The only class that knows spring-retry, which drives the loop.
 */
final class RetryLoop {

	private final RetryTemplate retryTemplate = new RetryTemplate();

	RetryLoop(Backoff backoff) {
		this.retryTemplate.setRetryPolicy(new SimpleRetryPolicy(Integer.MAX_VALUE, Map.of(NextAttempt.class, true)));
		this.retryTemplate.setBackOffPolicy(new PauseOfAttempt(backoff));
	}

	/**
	 * Run a call to its end. Most calls succeed at once, and do without the means to
	 * retry them.
	 */
	<T extends @Nullable Object> T run(TransactionCall<T> call) {
		try {
			call.attempt();
		}
		catch (NextAttempt ex) {
			retry(call, ex);
		}
		return call.result();
	}

	private void retry(TransactionCall<?> call, NextAttempt next) {
		try {
			this.retryTemplate.<@Nullable Object, NextAttempt>execute((context) -> {
				if (context.getRetryCount() == 0) {
					// The first attempt, which has failed already
					throw next;
				}
				attempt(call, context);
				return null;
			});
		}
		catch (BackOffInterruptedException ex) {
			Thread.currentThread().interrupt();
			call.interrupted();
		}
		catch (NextAttempt ex) {
			throw new IllegalStateException("The attempts end only when a call says so", ex);
		}
	}

	/**
	 * What runs inside an attempt may itself be inside a retry of the user's. It is to
	 * find that one's context, and not ours.
	 */
	private static void attempt(TransactionCall<?> call, RetryContext context) throws NextAttempt {
		RetrySynchronizationManager.clear();
		try {
			call.attempt();
		}
		finally {
			RetrySynchronizationManager.register(context);
		}
	}

	/**
	 * Waits as long as the attempt that failed says.
	 */
	@SuppressWarnings("serial")
	private record PauseOfAttempt(Backoff backoff) implements BackOffPolicy {

		@Override
		public BackOffContext start(RetryContext context) {
			return new Failed(context);
		}

		@Override
		public void backOff(BackOffContext context) {
			if (((Failed) context).retry().getLastThrowable() instanceof NextAttempt next) {
				try {
					this.backoff.sleep(next.pause());
				}
				catch (InterruptedException ex) {
					throw new BackOffInterruptedException("Interrupted between two attempts", ex);
				}
			}
		}

	}

	/**
	 * Knows the attempt that failed last.
	 */
	@SuppressWarnings("serial")
	private record Failed(RetryContext retry) implements BackOffContext {

	}

}
