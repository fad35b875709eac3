package io.github.crdbspring.sample.page;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.stereotype.Component;

/**
 * What has happened lately. Thread-safe.
 */
@Component
class Happenings {

	private static final Log logger = LogFactory.getLog(Happenings.class);

	private static final int KEPT = 20;

	private final Subscribers subscribers;

	private final Deque<Happening> last = new ArrayDeque<>();

	Happenings(Subscribers subscribers) {
		this.subscribers = subscribers;
	}

	synchronized void tell(Happening.Kind kind, String text) {
		Happening happening = new Happening(Instant.now(), kind, text);
		if (this.last.size() == KEPT) {
			this.last.removeFirst();
		}
		this.last.addLast(happening);
		this.subscribers.send("happening", happening);
	}

	/**
	 * Tell of a failure that nobody has foreseen.
	 */
	void failed(String what, RuntimeException failure) {
		logger.warn(what + " failed", failure);
		tell(Happening.Kind.REFUSED, what + " failed: " + failure.getMessage());
	}

	/**
	 * Return the last happenings, oldest first.
	 */
	synchronized List<Happening> last() {
		return List.copyOf(this.last);
	}

}
