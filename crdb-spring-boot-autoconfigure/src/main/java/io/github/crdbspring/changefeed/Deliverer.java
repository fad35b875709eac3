package io.github.crdbspring.changefeed;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.github.crdbspring.changefeed.ChangefeedErrorHandler.Decision;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.CommittedTransactionException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Delivers the rows of one call, or of several: the listener and the change of its
 * position are one transaction of ours, so that either both are committed or none. Where
 * the position is changed already, an earlier transaction, of which that was not known,
 * was committed.
 */
final class Deliverer {

	private static final Log logger = LogFactory.getLog(Deliverer.class);

	private final ContainerConfig config;

	private final OffsetStore offsets;

	private final DeadLetters deadLetters;

	private final Pauser pauser;

	private final Recorder recorder;

	Deliverer(ContainerConfig config, OffsetStore offsets, DeadLetters deadLetters, Pauser pauser, Recorder recorder) {
		this.config = config;
		this.offsets = offsets;
		this.deadLetters = deadLetters;
		this.pauser = pauser;
		this.recorder = recorder;
	}

	/**
	 * Deliver rows until that has succeeded, or it is decided what else to do with them.
	 * @param rows the rows of one call
	 * @param progress how the position changes with it
	 * @param earlier what the call has failed with already, as one of several, or
	 * {@code null}
	 * @throws ListenerGivenUpException if the container is to pause or to stop
	 * @throws DeliveryInterruptedException if the container was asked to pause or to stop
	 */
	void deliver(List<FeedRow> rows, Progress progress, @Nullable Throwable earlier) {
		int tries = 0;
		Throwable failure = (earlier != null) ? earlier : attempt(List.of(rows), progress, new int[1]);
		while (failure != null) {
			if (!(failure instanceof AmbiguousCommitException)) {
				tries++;
				this.recorder.failed(failure);
				if (decide(rows, progress, failure, tries)) {
					return;
				}
			}
			pause(Math.max(1, tries));
			failure = attempt(List.of(rows), progress, new int[1]);
		}
		delivered(rows);
	}

	/**
	 * Deliver the rows of several calls in one transaction, which takes much less time
	 * than one for each where the listener is quick.
	 * @param calls the rows of each call
	 * @param progress how the position changes with all of them
	 * @return {@code null} if that was done, else what has failed, so that nothing was
	 * @throws DeliveryInterruptedException if the container was asked to pause or to stop
	 */
	@Nullable FailedCall deliverTogether(List<List<FeedRow>> calls, Progress progress) {
		int[] current = new int[1];
		Throwable failure = attempt(calls, progress, current);
		while (failure instanceof AmbiguousCommitException) {
			pause(1);
			failure = attempt(calls, progress, current);
		}
		if (failure == null) {
			calls.forEach(this::delivered);
			return null;
		}
		logger.debug(LogMessage.format("Of %s calls of changefeed listener '%s' in one transaction one has failed, so "
				+ "that each gets its own", calls.size(), this.config.id()), failure);
		return new FailedCall(current[0], failure);
	}

	private void pause(int tries) {
		Duration pause = this.config.settings().retry().after(tries, ThreadLocalRandom.current().nextDouble());
		if (!this.pauser.pause(pause)) {
			throw new DeliveryInterruptedException();
		}
	}

	private void delivered(List<FeedRow> rows) {
		Instant committed = Instant.ofEpochSecond(0, rows.get(rows.size() - 1).timestamp().longValue());
		this.recorder.delivered(rows.size(), Duration.between(committed, Instant.now()));
	}

	/**
	 * Call the listener once for each call's rows, and again after conflicts.
	 * @param current is told which call is under way; the number of calls if none is
	 * @return what it has failed with
	 */
	private @Nullable Throwable attempt(List<List<FeedRow>> calls, Progress progress, int[] current) {
		ChangefeedObserver.Processing processing = this.recorder.processing(calls.stream().mapToInt(List::size).sum());
		Throwable failure = null;
		boolean[] called = new boolean[1];
		try {
			call(calls, progress, called, current);
		}
		catch (CommittedTransactionException ex) {
			logger.warn(LogMessage.format(
					"Rows of changefeed listener '%s' were committed, and something failed after " + "that",
					this.config.id()), ex);
		}
		catch (OffsetStore.LeaseLostException | OffsetStore.PositionMovedException ex) {
			failure = ex;
			throw ex;
		}
		catch (Throwable ex) {
			failure = ex;
			if (!called[0] && !(ex instanceof AmbiguousCommitException)) {
				throw new DatabaseUnavailableException(ex);
			}
		}
		finally {
			processing.ended(failure);
		}
		return failure;
	}

	private void call(List<List<FeedRow>> calls, Progress progress, boolean[] called, int[] current) {
		calls.forEach(this.config.target()::prepare);
		if (!this.config.isTransaction()) {
			called[0] = true;
			call(calls, current);
			progress.advance(this.offsets);
			return;
		}
		this.offsets.inTransaction(() -> {
			if (progress.apply(this.offsets)) {
				called[0] = true;
				call(calls, current);
			}
		});
	}

	private void call(List<List<FeedRow>> calls, int[] current) {
		for (current[0] = 0; current[0] < calls.size(); current[0]++) {
			this.config.target().call(calls.get(current[0]));
		}
	}

	/**
	 * Do what the error handler decides.
	 * @return {@code true} if the rows are done with
	 */
	private boolean decide(List<FeedRow> rows, Progress progress, Throwable failure, int tries) {
		List<String> tables = rows.stream().map(FeedRow::table).distinct().toList();
		Decision decision = this.config.errorHandler()
			.handle(new ChangefeedErrorHandler.Failure(this.config.id(), tables, rows.size(), failure, tries));
		switch (decision) {
			case RETRY -> {
				logger.warn(LogMessage.format("Changefeed listener '%s' has failed for %s row(s) of %s, try %s",
						this.config.id(), rows.size(), tables, tries), failure);
				return false;
			}
			case SKIP -> {
				logger.error(LogMessage.format(
						"Changefeed listener '%s' has failed %s times, and leaves out %s row(s) of %s: %s",
						this.config.id(), tries, rows.size(), tables, keys(rows)), failure);
				progress.advance(this.offsets);
				return true;
			}
			case DEAD_LETTER -> {
				logger.error(LogMessage.format(
						"Changefeed listener '%s' has failed %s times, and puts %s row(s) of %s aside, "
								+ "into crdb_changefeed_dead_letter: %s",
						this.config.id(), tries, rows.size(), tables, keys(rows)), failure);
				this.offsets.inTransaction(() -> {
					if (progress.apply(this.offsets)) {
						this.deadLetters.add(rows, failure);
					}
				});
				return true;
			}
			default -> throw new ListenerGivenUpException(decision, failure);
		}
	}

	private static List<String> keys(List<FeedRow> rows) {
		return rows.stream().limit(5).map(FeedRow::id).toList();
	}

	/**
	 * A call that has failed, of several in one transaction.
	 *
	 * @param number its number from 0, the number of calls if it was none of them
	 * @param failure what it has failed with
	 */
	record FailedCall(int number, Throwable failure) {

	}

	/**
	 * How the position changes with a call.
	 */
	interface Progress {

		/**
		 * Change the position, in the transaction that is active.
		 * @return {@code false} if it was changed already
		 */
		boolean apply(OffsetStore offsets);

		/**
		 * Change the position, in a transaction of its own.
		 */
		default void advance(OffsetStore offsets) {
			offsets.inTransaction(() -> apply(offsets));
		}

		/**
		 * Where no position is stored.
		 */
		Progress NONE = new Progress() {

			@Override
			public boolean apply(OffsetStore offsets) {
				return true;
			}

			@Override
			public void advance(OffsetStore offsets) {
			}

		};

	}

	/**
	 * Waits, unless something else is to be done.
	 */
	interface Pauser {

		/**
		 * Wait.
		 * @return {@code false} if the container was asked to pause or to stop
		 */
		boolean pause(Duration time);

	}

	/**
	 * Is told what happens.
	 */
	interface Recorder {

		ChangefeedObserver.Processing processing(int rows);

		void delivered(int rows, Duration lag);

		void failed(Throwable failure);

	}

	/**
	 * The listener has failed too often.
	 */
	@SuppressWarnings("serial")
	static final class ListenerGivenUpException extends RuntimeException {

		private final transient Decision decision;

		ListenerGivenUpException(Decision decision, Throwable cause) {
			super(cause);
			this.decision = decision;
		}

		Decision decision() {
			return this.decision;
		}

	}

	/**
	 * The container was asked to pause or to stop.
	 */
	@SuppressWarnings("serial")
	static final class DeliveryInterruptedException extends RuntimeException {

	}

	/**
	 * The transaction did not get as far as the listener.
	 */
	@SuppressWarnings("serial")
	static final class DatabaseUnavailableException extends RuntimeException {

		DatabaseUnavailableException(Throwable cause) {
			super(cause);
		}

	}

}
