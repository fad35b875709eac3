package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import io.github.crdbspring.changefeed.ChangefeedErrorHandler.Decision;
import io.github.crdbspring.changefeed.Deliverer.DatabaseUnavailableException;
import io.github.crdbspring.changefeed.Deliverer.DeliveryInterruptedException;
import io.github.crdbspring.changefeed.Deliverer.ListenerGivenUpException;
import io.github.crdbspring.changefeed.OffsetStore.LeaseLostException;
import io.github.crdbspring.changefeed.OffsetStore.PositionMovedException;
import io.github.crdbspring.changefeed.OffsetStore.Stored;
import io.github.crdbspring.changefeed.source.FeedFailure;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * What a container's thread does from its start to its end: becomes the owner, opens the
 * feed, consumes it, and does it again after a failure, until it was stopped or there is
 * no point in going on.
 */
final class ContainerLoop implements Runnable {

	private static final Log logger = LogFactory.getLog(ContainerLoop.class);

	private static final Duration MAX_STANDBY = Duration.ofSeconds(5);

	private final ContainerConfig config;

	private final ContainerControl control;

	private final OffsetStore offsets;

	private final Deliverer deliverer;

	private @Nullable Long epoch;

	private @Nullable LeaseKeeper keeper;

	/**
	 * Where no position is stored it is kept here, from one feed to the next.
	 */
	private @Nullable Position position;

	private int failures;

	private boolean disconnected;

	ContainerLoop(ContainerConfig config, ContainerControl control, OffsetStore offsets, Deliverer deliverer) {
		this.config = config;
		this.control = control;
		this.offsets = offsets;
		this.deliverer = deliverer;
	}

	@Override
	public void run() {
		try {
			boolean goOn = true;
			while (goOn && !this.control.isStopping()) {
				goOn = guardedTurn();
			}
		}
		catch (InterruptedException ex) {
			logger.debug(LogMessage.format("Changefeed listener '%s' was interrupted", this.config.id()));
		}
		finally {
			releaseLease();
			this.control.ended();
		}
	}

	/**
	 * Go on until something happens, and find out what that means.
	 * @return {@code false} if this is the end
	 */
	private boolean guardedTurn() throws InterruptedException {
		try {
			return turn();
		}
		catch (DeliveryInterruptedException ex) {
			return true;
		}
		catch (LeaseLostException ex) {
			logger.warn(ex.getMessage());
			dropLease();
			return true;
		}
		catch (PositionMovedException ex) {
			logger.warn(ex.getMessage());
			return true;
		}
		catch (ListenerGivenUpException ex) {
			return givenUp(ex);
		}
		catch (DatabaseUnavailableException ex) {
			return lost((ex.getCause() != null) ? ex.getCause() : ex);
		}
		catch (SQLException | RuntimeException ex) {
			return failed(ex);
		}
		catch (Error ex) {
			fail("The listener has ended with an error: " + ex, ex);
			throw ex;
		}
	}

	private boolean turn() throws SQLException, InterruptedException {
		if (this.control.isPaused()) {
			this.control.awaitResume();
			return true;
		}
		if (this.config.exclusive() && this.epoch == null && !claim()) {
			return true;
		}
		Position start = start();
		this.control.starts(start, retention());
		if (this.config.initialScan() == InitialScan.ONLY && !start.inScan()) {
			this.control.state(ChangefeedState.COMPLETED);
			return false;
		}
		return consume(start);
	}

	/**
	 * Become the owner, or wait a while to try again.
	 */
	private boolean claim() throws InterruptedException {
		Duration lease = this.config.settings().leaseDuration();
		Stored stored = this.offsets.claim(this.control.owner(), lease);
		recovered();
		if (stored == null) {
			this.control.ownedBy(this.offsets.owner());
			if (this.control.state(ChangefeedState.STANDBY)) {
				logger.info(LogMessage.format("Changefeed listener '%s' stands by", this.config.id()));
			}
			this.control.pause(Duration.ofMillis((long) (standby(lease) * (0.75 + random() / 2))));
			return false;
		}
		this.epoch = stored.epoch();
		this.control.ownedBy(this.control.owner());
		this.keeper = new LeaseKeeper(this.offsets, this.control.owner(), lease, this.control::leaseLost);
		this.control.execute(this.keeper);
		return true;
	}

	/**
	 * How often an instance that stands by looks whether it may take over, which it may
	 * long before the lease has run out if the owner has stopped.
	 */
	private static long standby(Duration lease) {
		return Math.min(lease.toMillis() / 3, MAX_STANDBY.toMillis());
	}

	private Position start() throws SQLException {
		if (this.epoch == null) {
			if (this.position == null) {
				this.position = first();
			}
			return this.position;
		}
		Stored stored = this.offsets.stored(this.epoch);
		if (stored.position() != null) {
			return stored.position();
		}
		Position first = first();
		store(null, first);
		return first;
	}

	/**
	 * Not to know it is no reason not to start.
	 */
	private @Nullable Duration retention() {
		try {
			return this.config.source().retention(this.config.tables());
		}
		catch (SQLException ex) {
			logger.debug(LogMessage.format(
					"It is not known for how long the tables of changefeed listener '%s' keep " + "what is past",
					this.config.id()), ex);
			return null;
		}
	}

	private Position first() throws SQLException {
		BigDecimal timestamp = this.config.source()
			.timestamp(this.config.tables(), (this.config.startAt() != null) ? this.config.startAt().toSql() : null);
		return (this.config.initialScan() != InitialScan.NO) ? Position.scan(timestamp) : Position.at(timestamp);
	}

	private void store(@Nullable Position from, Position to) {
		if (this.epoch != null) {
			long owned = this.epoch;
			this.offsets.inTransaction(() -> this.offsets.advance(owned, from, to));
		}
		this.position = to;
	}

	private boolean consume(Position start) throws SQLException, InterruptedException {
		this.control.state((this.failures > 0) ? ChangefeedState.RECONNECTING : ChangefeedState.STARTING);
		FeedSession session = new FeedSession(this.config, this.offsets, this.deliverer, new Events(), this.epoch,
				start);
		FeedReader reader = new FeedReader(this.config.source(), session.request(),
				this.config.settings().maxBufferedBytes());
		this.control.use(reader, session.buffer());
		try (reader) {
			this.control.execute(reader);
			FeedSession.End end = session.consume(reader, this.control::goOn);
			if (end == FeedSession.End.OVERFLOW) {
				this.control.restarted("overflow");
				logger.info(LogMessage.format("Changefeed listener '%s' reads the rest once more, since more rows wait "
						+ "than its buffer holds", this.config.id()));
			}
			if (!this.control.isLeaseLost()) {
				session.checkpoint();
			}
			this.position = session.position();
			if (end == FeedSession.End.COMPLETED) {
				logger.info(LogMessage.format("Changefeed listener '%s' has got the initial scan, and ends",
						this.config.id()));
				this.control.state(ChangefeedState.COMPLETED);
				return false;
			}
		}
		catch (SQLException | RuntimeException ex) {
			this.position = session.position();
			throw ex;
		}
		finally {
			this.control.unuse();
		}
		if (this.control.isLeaseLost()) {
			throw new LeaseLostException(this.config.id());
		}
		return true;
	}

	private boolean failed(Exception failure) throws InterruptedException {
		if (this.control.isStopping() || !this.control.goOn()) {
			logger.debug(LogMessage.format("Changefeed listener '%s' was asked to end", this.config.id()), failure);
			return true;
		}
		FeedFailure meaning = FeedFailure.of(failure);
		switch (meaning.kind()) {
			case REFUSED -> {
				return fail(meaning.message(), failure);
			}
			case CURSOR_EXPIRED -> {
				return expired(meaning, failure);
			}
			case SCHEMA_CHANGED -> {
				this.control.restarted("schema_change");
				logger.info(LogMessage.format("Changefeed listener '%s' opens its feed again: %s", this.config.id(),
						meaning.message()));
				// At once, but not again and again
				return this.failures++ == 0 || pauseAfterFailure();
			}
			default -> {
				return lost(failure);
			}
		}
	}

	/**
	 * The feed or the database cannot be reached: one warning for each time that lasts.
	 */
	private boolean lost(Throwable failure) throws InterruptedException {
		this.failures++;
		this.disconnected = true;
		this.control.failed(failure);
		this.control.restarted("connection_lost");
		this.control.state(ChangefeedState.RECONNECTING);
		this.control.warnIfLate();
		String message = "Changefeed listener '" + this.config.id()
				+ "' has lost its feed, and tries again until it is back";
		if (this.failures == 1) {
			logger.warn(message, failure);
		}
		else {
			logger.debug(message, failure);
		}
		return pauseAfterFailure();
	}

	private boolean pauseAfterFailure() throws InterruptedException {
		this.control.pause(this.config.settings().reconnect().after(this.failures, random()));
		return true;
	}

	private boolean expired(FeedFailure meaning, Exception failure) throws InterruptedException {
		if (this.config.onCursorExpired() == CursorExpiredPolicy.FAIL || this.position == null) {
			return fail(meaning.message(), failure);
		}
		try {
			Position from = this.position;
			Position stored = (this.epoch != null) ? this.offsets.stored(this.epoch).position() : from;
			boolean rescan = this.config.onCursorExpired() == CursorExpiredPolicy.RESCAN;
			BigDecimal now = this.config.source().timestamp(this.config.tables(), null);
			store(stored, rescan ? Position.scan(now) : Position.at(now));
			logger.warn(LogMessage.format("Changefeed listener '%s' was not told of what happened after %s, and %s: %s",
					this.config.id(), from.timestamp(), rescan ? "reads its tables again" : "goes on from now",
					meaning.message()));
			this.control.restarted("cursor_expired");
			publish(new ChangefeedGapEvent(this.config.id(), from.timestamp(), now,
					rescan ? ChangefeedGapEvent.Reason.RESCAN : ChangefeedGapEvent.Reason.SKIP));
			return true;
		}
		catch (SQLException | RuntimeException ex) {
			return lost(ex);
		}
	}

	private boolean fail(String message, Throwable failure) {
		logger.error(LogMessage.format("Changefeed listener '%s' has failed, and ends. %s", this.config.id(), message),
				failure);
		this.control.failed(message);
		this.control.state(ChangefeedState.FAILED);
		return false;
	}

	private boolean givenUp(ListenerGivenUpException ex) {
		Throwable cause = (ex.getCause() != null) ? ex.getCause() : ex;
		if (ex.decision() == Decision.STOP) {
			return fail("Its error handler has stopped it after: " + cause, cause);
		}
		logger
			.error(LogMessage.format("Changefeed listener '%s' has failed too often, and is paused before the rows in "
					+ "question. Resume it when the reason is gone", this.config.id()), cause);
		this.control.pauseByFailure();
		return true;
	}

	/**
	 * The feed, or the database, is there again.
	 */
	private void recovered() {
		if (this.failures > 0) {
			logger.info(LogMessage.format("Changefeed listener '%s' is connected again", this.config.id()));
			this.failures = 0;
		}
	}

	private void publish(ChangefeedGapEvent event) {
		if (this.config.events() != null) {
			this.config.events().publishEvent(event);
		}
	}

	private void publishDisconnected(Position reached) {
		if (this.disconnected && !this.config.exclusive()) {
			publish(new ChangefeedGapEvent(this.config.id(),
					(this.position != null) ? this.position.timestamp() : reached.timestamp(), null,
					ChangefeedGapEvent.Reason.DISCONNECTED));
		}
		this.disconnected = false;
	}

	private void dropLease() {
		this.epoch = null;
		if (this.keeper != null) {
			this.keeper.stop();
			this.keeper = null;
		}
		this.control.leaseDropped();
	}

	private void releaseLease() {
		boolean owned = this.epoch != null;
		dropLease();
		if (owned) {
			try {
				this.offsets.release(this.control.owner());
			}
			catch (RuntimeException ex) {
				logger.debug(LogMessage.format("The lease of changefeed listener '%s' was not given back, and runs out",
						this.config.id()), ex);
			}
		}
	}

	private static double random() {
		return ThreadLocalRandom.current().nextDouble();
	}

	/**
	 * What a session tells.
	 */
	private final class Events implements FeedSession.SessionListener {

		@Override
		public void duplicate() {
			ContainerLoop.this.control.duplicate();
		}

		@Override
		public void reached(Position reached) {
			publishDisconnected(reached);
			recovered();
			ContainerLoop.this.position = reached;
			ContainerLoop.this.control.reached(reached);
		}

	}

}
