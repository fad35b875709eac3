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
 * Delivers the rows of one call: the listener and the change of its position are one
 * transaction of ours, so that either both are committed or none. Where the position is
 * changed already, an earlier transaction, of which that was not known, was committed.
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
	 * @throws ListenerGivenUpException if the container is to pause or to stop
	 * @throws DeliveryInterruptedException if the container was asked to pause or to stop
	 */
	void deliver(List<FeedRow> rows, Progress progress) {
		int tries = 0;
		while (true) {
			Throwable failure = attempt(rows, progress);
			if (failure == null) {
				delivered(rows);
				return;
			}
			if (!(failure instanceof AmbiguousCommitException)) {
				tries++;
				this.recorder.failed(failure);
				if (decide(rows, progress, failure, tries)) {
					return;
				}
			}
			Duration pause = this.config.settings()
				.retry()
				.after(Math.max(1, tries), ThreadLocalRandom.current().nextDouble());
			if (!this.pauser.pause(pause)) {
				throw new DeliveryInterruptedException();
			}
		}
	}

	private void delivered(List<FeedRow> rows) {
		Instant committed = Instant.ofEpochSecond(0, rows.get(rows.size() - 1).timestamp().longValue());
		this.recorder.delivered(rows.size(), Duration.between(committed, Instant.now()));
	}

	/**
	 * Call the listener once, and again after conflicts.
	 * @return what it has failed with
	 */
	private @Nullable Throwable attempt(List<FeedRow> rows, Progress progress) {
		ChangefeedObserver.Processing processing = this.recorder.processing(rows.size());
		Throwable failure = null;
		boolean[] called = new boolean[1];
		try {
			call(rows, progress, called);
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

	private void call(List<FeedRow> rows, Progress progress, boolean[] called) {
		this.config.target().prepare(rows);
		if (!this.config.exclusive() || !this.config.transactional()) {
			called[0] = true;
			this.config.target().call(rows);
			progress.advance(this.offsets);
			return;
		}
		this.offsets.inTransaction(() -> {
			if (progress.apply(this.offsets)) {
				called[0] = true;
				this.config.target().call(rows);
			}
		});
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
