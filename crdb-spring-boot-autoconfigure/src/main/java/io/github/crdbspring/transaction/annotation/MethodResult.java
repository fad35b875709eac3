package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

/**
 * What a method returns, where only the result itself tells that it is not complete, or
 * that the method failed.
 */
final class MethodResult implements Invocations.ResultCheck {

	private final Method method;

	private final boolean future;

	private final boolean anything;

	MethodResult(Method method, @Nullable Class<?> targetClass) {
		this.method = method;
		this.future = RetryableMethods.returnsFutureFromAnotherThread(method, targetClass);
		this.anything = method.getReturnType() == Object.class;
	}

	/**
	 * Check a result before the transaction ends.
	 * @throws Throwable the failure that a future holds, so that the method is run again
	 * if that may help
	 */
	@Override
	public void check(@Nullable Object result) throws Throwable {
		if (this.future && result != null) {
			checkFuture(result);
		}
		else if (this.anything && result != null && RetryableMethods.isUnfinished(result)) {
			throw unfinished(result);
		}
	}

	/**
	 * Throw the failure that a future holds, if it is one.
	 */
	void throwFailure(@Nullable Object result) throws Throwable {
		if (this.future && result instanceof Future<?> stage && stage.isDone()) {
			get(stage);
		}
	}

	private void checkFuture(Object result) throws Throwable {
		Future<?> stage = (result instanceof Future<?> given) ? given
				: ((CompletionStage<?>) result).toCompletableFuture();
		if (!stage.isDone()) {
			throw unfinished(result);
		}
		get(stage);
	}

	private static void get(Future<?> done) throws Throwable {
		try {
			done.get();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() != null) ? ex.getCause() : ex;
		}
	}

	private IllegalStateException unfinished(Object result) {
		return new IllegalStateException("@CrdbTransactional method " + this.method.toGenericString() + " returned a "
				+ result.getClass().getName() + " that is still under way, so that its work would be outside of the "
				+ "transaction, which is rolled back; return a complete result instead, as with "
				+ CompletableFuture.class.getSimpleName() + ".completedFuture(…) from a method that is @Async");
	}

}
