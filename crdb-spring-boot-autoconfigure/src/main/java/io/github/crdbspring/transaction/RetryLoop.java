package io.github.crdbspring.transaction;

import java.time.Duration;

import io.github.crdbspring.transaction.AttemptFailure.Verdict;
import org.jspecify.annotations.Nullable;

import org.springframework.retry.RetryContext;
import org.springframework.retry.RetryPolicy;
import org.springframework.retry.backoff.BackOffContext;
import org.springframework.retry.backoff.BackOffInterruptedException;
import org.springframework.retry.backoff.BackOffPolicy;
import org.springframework.retry.context.RetryContextSupport;
import org.springframework.retry.support.RetryTemplate;
import org.springframework.util.Assert;

/**
 * Repeats a call until it succeeds or says that it gives up. The only class that knows
 * spring-retry, which drives the loop; what to repeat and how long to wait is decided by
 * the call.
 */
final class RetryLoop {

	private final Backoff backoff;

	private final RetryTemplate retryTemplate = new RetryTemplate();

	RetryLoop(Backoff backoff) {
		this.backoff = backoff;
		this.retryTemplate.setRetryPolicy(new CallRetryPolicy());
		this.retryTemplate.setBackOffPolicy(new CallBackOffPolicy());
	}

	/**
	 * Run a call until it has a result or gives up. Most calls succeed at once, and do
	 * without the means to retry them.
	 */
	void run(Call call) {
		AttemptFailure failure = attempt(call);
		if (failure != null) {
			retry(call, failure);
		}
	}

	private static @Nullable AttemptFailure attempt(Call call) {
		try {
			call.attempt();
			return null;
		}
		catch (AttemptFailure ex) {
			return ex;
		}
		catch (RuntimeException | Error ex) {
			return new AttemptFailure(Verdict.FINAL, ex);
		}
	}

	private void retry(Call call, AttemptFailure firstFailure) {
		try {
			this.retryTemplate.<@Nullable Object, AttemptFailure>execute((context) -> {
				((CallContext) context).call = call;
				AttemptFailure failure = (context.getRetryCount() == 0) ? firstFailure : attempt(call);
				if (failure != null) {
					throw failure;
				}
				return null;
			}, (context) -> null);
		}
		catch (BackOffInterruptedException ex) {
			Thread.currentThread().interrupt();
			call.interrupted();
		}
		catch (AttemptFailure ex) {
			throw new IllegalStateException("A failed attempt ends in the recovery callback", ex);
		}
	}

	/**
	 * A call that may be repeated.
	 */
	interface Call {

		/**
		 * Run once.
		 */
		void attempt() throws AttemptFailure;

		/**
		 * Take note of a failure.
		 * @return the pause before the next attempt, {@code null} if there is none
		 */
		@Nullable Duration failed(AttemptFailure failure, Backoff backoff);

		/**
		 * Take note that the pause was interrupted, and that there is no next attempt.
		 */
		void interrupted();

	}

	/**
	 * The state of one call.
	 */
	@SuppressWarnings("serial")
	private static final class CallContext extends RetryContextSupport implements BackOffContext {

		private @Nullable Call call;

		private @Nullable Duration pause;

		CallContext(@Nullable RetryContext parent) {
			super(parent);
		}

	}

	/**
	 * Lets the call decide.
	 */
	@SuppressWarnings("serial")
	private final class CallRetryPolicy implements RetryPolicy {

		@Override
		public RetryContext open(@Nullable RetryContext parent) {
			return new CallContext(parent);
		}

		@Override
		public boolean canRetry(RetryContext context) {
			return context.getRetryCount() == 0 || ((CallContext) context).pause != null;
		}

		@Override
		public void registerThrowable(RetryContext context, Throwable throwable) {
			CallContext callContext = (CallContext) context;
			callContext.registerThrowable(throwable);
			Call call = callContext.call;
			Assert.state(call != null && throwable instanceof AttemptFailure,
					"An attempt fails with an AttemptFailure");
			callContext.pause = call.failed((AttemptFailure) throwable, RetryLoop.this.backoff);
		}

		@Override
		public void close(RetryContext context) {
		}

	}

	/**
	 * Waits as long as the call decided.
	 */
	private final class CallBackOffPolicy implements BackOffPolicy {

		@Override
		public BackOffContext start(RetryContext context) {
			return (CallContext) context;
		}

		@Override
		public void backOff(BackOffContext context) {
			Duration pause = ((CallContext) context).pause;
			Assert.state(pause != null, "There is a pause before another attempt");
			try {
				RetryLoop.this.backoff.sleep(pause);
			}
			catch (InterruptedException ex) {
				throw new BackOffInterruptedException("Interrupted between two attempts", ex);
			}
		}

	}

}
