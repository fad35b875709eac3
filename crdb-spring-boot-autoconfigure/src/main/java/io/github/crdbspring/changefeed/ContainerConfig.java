package io.github.crdbspring.changefeed;

import java.util.List;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import io.github.crdbspring.transaction.SystemTime;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * What a container was made with.
 *
 * @param id the id of the listener
 * @param tables the tables, empty if there is a query
 * @param query the query, {@code null} if there are tables
 * @param delivery when a listener gets rows
 * @param startAt where to start without a position, {@code null} for now
 * @param initialScan whether to start with a scan without a position
 * @param before whether rows come with what they were before
 * @param exclusive whether one instance consumes, and positions are stored
 * @param transactional whether listener and position are one transaction
 * @param onCursorExpired what to do if a position is too old
 * @param errorHandler what to do if the listener fails
 * @param settings what is common to all containers
 * @param source where rows come from
 * @param target the listener
 * @param observers who is told how it fares
 * @param events where gaps are published, {@code null} if nowhere
 */
record ContainerConfig(String id, List<String> tables, @Nullable String query, Delivery delivery,
		@Nullable SystemTime startAt, InitialScan initialScan, boolean before, boolean exclusive, boolean transactional,
		CursorExpiredPolicy onCursorExpired, ChangefeedErrorHandler errorHandler, ChangefeedSettings settings,
		ChangefeedSource source, Target target, List<ChangefeedObserver> observers,
		@Nullable ApplicationEventPublisher events) {

	/**
	 * Whether listener and position are one transaction of ours.
	 */
	boolean isTransaction() {
		return this.exclusive && this.transactional;
	}

	/**
	 * A listener.
	 */
	interface Target {

		/**
		 * Find out what is not to be asked for inside of a transaction.
		 */
		void prepare(List<FeedRow> rows);

		/**
		 * Call the listener, once or for each row.
		 */
		void call(List<FeedRow> rows);

	}

}
