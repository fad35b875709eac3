package io.github.crdbspring.transaction;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Several observers, the later inside the earlier, none of which can disturb the
 * transaction or the others.
 */
final class ObserverChain implements TransactionObserver {

	private static final Log logger = LogFactory.getLog(TransactionObserver.class);

	private final List<TransactionObserver> observers;

	/**
	 * Create a chain.
	 * @param observers the observers, the later inside the earlier
	 * @param listeners who is told last, while all observers are still at it
	 */
	ObserverChain(List<TransactionObserver> observers, List<CrdbTransactionListener> listeners) {
		this.observers = new ArrayList<>(observers);
		if (!listeners.isEmpty()) {
			this.observers.add(new ListenerObserver(listeners));
		}
	}

	@Override
	public Observed start(CrdbTransactionOptions options) {
		Observed chain = Observed.NOTHING;
		for (int i = 0; i < this.observers.size(); i++) {
			Observed observed = start(this.observers.get(i), options);
			if (observed != Observed.NOTHING) {
				chain = new Link(chain, observed);
			}
		}
		return chain;
	}

	@Override
	public void limitable(TransactionLimit limit) {
		for (TransactionObserver observer : this.observers) {
			try {
				observer.limitable(limit);
			}
			catch (Throwable ex) {
				log(observer, ex);
			}
		}
	}

	private static Observed start(TransactionObserver observer, CrdbTransactionOptions options) {
		try {
			return observer.start(options);
		}
		catch (Throwable ex) {
			log(observer, ex);
			return Observed.NOTHING;
		}
	}

	private static void log(Object observer, Throwable ex) {
		logger.error("Transaction observer " + observer + " failed", ex);
	}

	/**
	 * What one observer started, inside what others did before it.
	 *
	 * @param outer the others
	 * @param inner the one
	 */
	private record Link(Observed outer, Observed inner) implements Observed {

		@Override
		public void waited(TransactionAttempt next, Duration time) {
			this.outer.waited(next, time);
			tellInner((observed) -> observed.waited(next, time));
		}

		@Override
		public void attemptStarted(TransactionAttempt attempt) {
			this.outer.attemptStarted(attempt);
			tellInner((observed) -> observed.attemptStarted(attempt));
		}

		@Override
		public void resolved(TransactionAttempt attempt, TransactionOutcome outcome, Duration time) {
			tellInner((observed) -> observed.resolved(attempt, outcome, time));
			this.outer.resolved(attempt, outcome, time);
		}

		@Override
		public void attemptEnded(TransactionAttempt attempt, TransactionOutcome outcome, @Nullable Throwable failure) {
			tellInner((observed) -> observed.attemptEnded(attempt, outcome, failure));
			this.outer.attemptEnded(attempt, outcome, failure);
		}

		@Override
		public void retry(TransactionAttempt failed, Throwable failure, Duration backoff) {
			this.outer.retry(failed, failure, backoff);
			tellInner((observed) -> observed.retry(failed, failure, backoff));
		}

		@Override
		public void ended(@Nullable TransactionAttempt last, TransactionOutcome outcome, @Nullable Throwable failure) {
			tellInner((observed) -> observed.ended(last, outcome, failure));
			this.outer.ended(last, outcome, failure);
		}

		private void tellInner(Consumer<Observed> event) {
			try {
				event.accept(this.inner);
			}
			catch (Throwable ex) {
				log(this.inner, ex);
			}
		}

	}

}
