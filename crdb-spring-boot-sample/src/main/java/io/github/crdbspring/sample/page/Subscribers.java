package io.github.crdbspring.sample.page;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The browsers that look at the page. Each has a thread of its own, so that one that is
 * slow delays nobody else; one that is too slow is hung up on, and connects again.
 * Thread-safe.
 */
@Component
class Subscribers {

	private static final Log logger = LogFactory.getLog(Subscribers.class);

	private static final int MAX_SUBSCRIBERS = 32;

	private static final int MAX_BEHIND = 100;

	private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();

	private final AtomicInteger number = new AtomicInteger();

	private volatile boolean stopping;

	/**
	 * Add a browser.
	 * @param first what it is sent at first
	 * @return what it reads from
	 */
	SseEmitter add(List<Event> first) {
		if (this.stopping || this.subscribers.size() >= MAX_SUBSCRIBERS) {
			throw new TooManySubscribersException();
		}
		Subscriber subscriber = new Subscriber();
		first.forEach(subscriber::offer);
		this.subscribers.add(subscriber);
		subscriber.emitter.onCompletion(() -> remove(subscriber));
		subscriber.thread.start();
		return subscriber.emitter;
	}

	boolean isEmpty() {
		return this.subscribers.isEmpty();
	}

	void send(String name, Object data) {
		Event event = new Event(name, data);
		this.subscribers.forEach((subscriber) -> subscriber.offer(event));
	}

	private void remove(Subscriber subscriber) {
		this.subscribers.remove(subscriber);
		subscriber.thread.interrupt();
	}

	/**
	 * Hang up before the web server waits for all requests to end.
	 */
	@EventListener(ContextClosedEvent.class)
	void stop() {
		this.stopping = true;
		this.subscribers.forEach(this::remove);
	}

	/**
	 * What is sent.
	 *
	 * @param name what kind of data it is
	 * @param data becomes JSON
	 */
	record Event(String name, Object data) {

	}

	/**
	 * One browser.
	 */
	private final class Subscriber {

		private final SseEmitter emitter = new SseEmitter(0L);

		private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MAX_BEHIND);

		private final Thread thread = new Thread(this::run, "page-" + Subscribers.this.number.incrementAndGet());

		Subscriber() {
			this.thread.setDaemon(true);
		}

		void offer(Event event) {
			if (!this.events.offer(event)) {
				remove(this);
			}
		}

		private void run() {
			try {
				while (true) {
					Event event = this.events.take();
					this.emitter
						.send(SseEmitter.event().name(event.name()).data(event.data(), MediaType.APPLICATION_JSON));
				}
			}
			catch (InterruptedException ex) {
				this.emitter.complete();
			}
			catch (IOException | IllegalStateException ex) {
				// The browser has gone
				logger.debug("The end of a page", ex);
			}
			finally {
				Subscribers.this.subscribers.remove(this);
			}
		}

	}

}
