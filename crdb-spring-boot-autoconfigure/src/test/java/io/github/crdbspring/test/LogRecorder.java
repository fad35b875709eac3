package io.github.crdbspring.test;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the library logs, in place of writing it.
 */
public final class LogRecorder implements AutoCloseable {

	private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.crdbspring");

	private final ListAppender<ILoggingEvent> events = new ListAppender<>();

	public LogRecorder() {
		this.events.start();
		this.logger.addAppender(this.events);
		this.logger.setAdditive(false);
	}

	/**
	 * Return the warnings so far.
	 * @return their texts
	 */
	public List<String> warnings() {
		return this.events.list.stream()
			.filter((event) -> event.getLevel() == Level.WARN)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	@Override
	public void close() {
		this.logger.setAdditive(true);
		this.logger.detachAppender(this.events);
	}

}
