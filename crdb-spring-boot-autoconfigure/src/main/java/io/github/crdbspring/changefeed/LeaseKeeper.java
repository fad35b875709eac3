package io.github.crdbspring.changefeed;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Keeps this instance the owner of a listener, on a thread of its own: a listener method
 * may take longer than the lease.
 */
final class LeaseKeeper implements Runnable {

	private static final Log logger = LogFactory.getLog(LeaseKeeper.class);

	private final OffsetStore offsets;

	private final String owner;

	private final Duration lease;

	private final Runnable lost;

	private volatile boolean ended;

	private volatile @Nullable Thread thread;

	/**
	 * Create a new keeper.
	 * @param offsets where the lease is stored
	 * @param owner this instance
	 * @param lease how long another one waits for a heartbeat
	 * @param lost what is done when another one has taken over, or may have
	 */
	LeaseKeeper(OffsetStore offsets, String owner, Duration lease, Runnable lost) {
		this.offsets = offsets;
		this.owner = owner;
		this.lease = lease;
		this.lost = lost;
	}

	@Override
	public void run() {
		this.thread = Thread.currentThread();
		long last = System.nanoTime();
		while (!this.ended) {
			try {
				Thread.sleep(this.lease.toMillis() / 3);
				long before = System.nanoTime();
				if (!this.offsets.heartbeat(this.owner)) {
					end(true);
				}
				last = before;
			}
			catch (InterruptedException ex) {
				end(false);
			}
			catch (RuntimeException ex) {
				logger.debug(LogMessage.format("A heartbeat of %s has failed", this.owner), ex);
				if (System.nanoTime() - last > this.lease.toNanos()) {
					end(true);
				}
			}
		}
	}

	private void end(boolean isLost) {
		boolean tell = isLost && !this.ended;
		this.ended = true;
		if (tell) {
			this.lost.run();
		}
	}

	void stop() {
		this.ended = true;
		Thread current = this.thread;
		if (current != null) {
			current.interrupt();
		}
	}

}
