package io.github.crdbspring.autoconfigure;

import io.github.crdbspring.changefeed.ChangefeedErrorHandler;
import io.github.crdbspring.changefeed.ChangefeedErrorHandler.Decision;
import io.github.crdbspring.changefeed.ChangefeedSettings;

import org.springframework.util.Assert;

/**
 * Makes the properties of changefeed listeners what the library takes, and refuses bad
 * values by their property's name.
 */
final class ChangefeedPropertiesMapper {

	private static final String PREFIX = "crdb.changefeed.";

	private final CrdbChangefeedProperties properties;

	ChangefeedPropertiesMapper(CrdbChangefeedProperties properties) {
		this.properties = properties;
	}

	ChangefeedSettings settings() {
		CrdbChangefeedProperties.Buffer buffer = this.properties.getBuffer();
		PropertyRefusals.explain(PREFIX + "buffer.", () -> {
			Assert.isTrue(buffer.getMaxRows() > 0, () -> "'maxRows' must be positive, but is " + buffer.getMaxRows());
			Assert.isTrue(buffer.getMaxSize().toBytes() > 0,
					() -> "'maxSize' must be positive, but is " + buffer.getMaxSize());
			return buffer;
		});
		ChangefeedSettings.Pauses reconnect = pauses("reconnect.", this.properties.getReconnect());
		ChangefeedSettings.Pauses retry = pauses("retry.", this.properties.getRetry());
		return PropertyRefusals.explain(PREFIX,
				() -> new ChangefeedSettings(this.properties.getResolvedInterval(), this.properties.getLeaseDuration(),
						buffer.getMaxRows(), buffer.getMaxSize().toBytes(), this.properties.getCheckpointInterval(),
						this.properties.getShutdownTimeout(), reconnect, retry));
	}

	ChangefeedErrorHandler errorHandler() {
		int maxAttempts = this.properties.getMaxAttempts();
		Decision decision = switch (this.properties.getErrorHandler()) {
			case PAUSE -> Decision.PAUSE;
			case STOP -> Decision.STOP;
			case SKIP -> Decision.SKIP;
			case DEAD_LETTER -> Decision.DEAD_LETTER;
		};
		return PropertyRefusals.explain(PREFIX, () -> {
			Assert.isTrue(maxAttempts > 0, () -> "'maxAttempts' must be at least 1, but is " + maxAttempts);
			return ChangefeedErrorHandler.after(maxAttempts, decision);
		});
	}

	private static ChangefeedSettings.Pauses pauses(String group, CrdbChangefeedProperties.Pauses pauses) {
		return PropertyRefusals.explain(PREFIX + group, () -> {
			Assert.isTrue(pauses.getInitialInterval().toMillis() > 0,
					() -> "'initialInterval' must be at least 1ms, but is " + pauses.getInitialInterval());
			Assert.isTrue(pauses.getMaxInterval().compareTo(pauses.getInitialInterval()) >= 0,
					() -> "'maxInterval' must not be shorter than the initial interval of "
							+ pauses.getInitialInterval() + ", but is " + pauses.getMaxInterval());
			return new ChangefeedSettings.Pauses(pauses.getInitialInterval(), pauses.getMaxInterval());
		});
	}

}
