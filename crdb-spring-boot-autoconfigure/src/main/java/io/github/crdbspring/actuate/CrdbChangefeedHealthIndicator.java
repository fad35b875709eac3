package io.github.crdbspring.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.crdbspring.changefeed.ChangefeedStatus;
import io.github.crdbspring.changefeed.CrdbChangefeedContainer;
import io.github.crdbspring.changefeed.CrdbChangefeedRegistry;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.util.Assert;

/**
 * Tells how the listeners of changefeeds fare. Down if one of them has failed, was paused
 * because it failed too often, has been without its feed for longer than a while, or is
 * so far behind that soon it cannot go on from its position; one that stands by, was
 * paused or stopped by hand, or has done what it was for, is as it should be. Sends no
 * query.
 *
 * @since 0.1.0
 */
public class CrdbChangefeedHealthIndicator extends AbstractHealthIndicator {

	private final CrdbChangefeedRegistry registry;

	private final Duration outage;

	/**
	 * Create a new indicator.
	 * @param registry the listeners
	 * @param outage how long a listener may be without its feed
	 */
	public CrdbChangefeedHealthIndicator(CrdbChangefeedRegistry registry, Duration outage) {
		super("Health check of changefeed listeners failed");
		Assert.isTrue(!outage.isNegative(), "'outage' must not be negative");
		this.registry = registry;
		this.outage = outage;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		boolean up = true;
		for (CrdbChangefeedContainer container : this.registry.getContainers()) {
			ChangefeedStatus status = container.getStatus();
			builder.withDetail(status.id(), describe(status));
			up = up && isUp(status);
		}
		if (up) {
			builder.up();
		}
		else {
			builder.down();
		}
	}

	private boolean isUp(ChangefeedStatus status) {
		if (status.isAlmostExpired()) {
			return false;
		}
		return switch (status.state()) {
			case FAILED -> false;
			case PAUSED -> !status.pausedByFailure();
			case RECONNECTING -> Duration.between(status.since(), Instant.now()).compareTo(this.outage) <= 0;
			default -> true;
		};
	}

	private static Map<String, Object> describe(ChangefeedStatus status) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("state", status.state());
		details.put("since", status.since());
		if (status.lag() != null) {
			details.put("lag", status.lag());
		}
		if (status.retention() != null) {
			details.put("retention", status.retention());
		}
		if (status.owner() != null) {
			details.put("owner", status.owner());
		}
		if (status.lastError() != null) {
			details.put("lastError", status.lastError());
		}
		return details;
	}

}
