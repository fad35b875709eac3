package io.github.crdbspring.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.crdbspring.transaction.TransactionAttempt;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.data.domain.Persistable;
import org.springframework.data.mapping.PersistentPropertyAccessor;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;
import org.springframework.data.relational.core.mapping.RelationalPersistentProperty;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.data.relational.core.mapping.event.BeforeConvertEvent;

/**
 * Sets back what Spring Data JDBC has written into an aggregate when the attempt that
 * saved it is rolled back: ids, versions, and contained entities that were replaced.
 * Otherwise the next attempt would take a new aggregate for one that is stored already,
 * update no row, and succeed. Infrastructure of this library, no API for applications.
 * <p>
 * Of an entity that is immutable Spring Data makes a copy, so that there is nothing to
 * set back. Thread-safe.
 *
 * @since 0.1.0
 */
public final class AggregateUndo
		implements BeforeConvertCallback<Object>, ApplicationListener<BeforeConvertEvent<?>>, Ordered {

	private static final Log logger = LogFactory.getLog(AggregateUndo.class);

	private final Supplier<List<RelationalMappingContext>> mappingContexts;

	/**
	 * The entities that each attempt has saved, as the same objects.
	 */
	private final Map<TransactionAttempt, Set<Object>> saved = Collections.synchronizedMap(new WeakHashMap<>());

	private final Set<Class<?>> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Create a new instance.
	 * @param mappingContexts what is known of the aggregates' classes, one for each
	 * database
	 */
	public AggregateUndo(Supplier<List<RelationalMappingContext>> mappingContexts) {
		this.mappingContexts = mappingContexts;
	}

	/**
	 * Before all others, which may give an aggregate its id.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	/**
	 * Events come before callbacks, unless they are switched off.
	 */
	@Override
	public void onApplicationEvent(BeforeConvertEvent<?> event) {
		remember(event.getEntity());
	}

	@Override
	public Object onBeforeConvert(Object aggregate) {
		remember(aggregate);
		return aggregate;
	}

	private void remember(Object aggregate) {
		TransactionAttempt attempt = TransactionAttempt.current().orElse(null);
		if (attempt == null) {
			return;
		}
		RelationalMappingContext mappingContext = mappingContextOf(aggregate.getClass());
		if (mappingContext == null) {
			return;
		}
		Undo undo = new Undo(mappingContext, this.saved.computeIfAbsent(attempt, (key) -> identitySet()));
		if (attempt.onRollback(undo)) {
			undo.add(aggregate);
		}
	}

	/**
	 * Spring Data has looked at the class before it calls this.
	 */
	private @Nullable RelationalMappingContext mappingContextOf(Class<?> type) {
		for (RelationalMappingContext candidate : this.mappingContexts.get()) {
			if (candidate.hasPersistentEntityFor(type)) {
				return candidate;
			}
		}
		return null;
	}

	private static Set<Object> identitySet() {
		return Collections.newSetFromMap(new IdentityHashMap<>());
	}

	/**
	 * Sets back one aggregate to what it is now.
	 */
	private final class Undo implements Runnable {

		private final RelationalMappingContext mappingContext;

		private final Set<Object> saved;

		private final Set<Object> visited = identitySet();

		private final List<Runnable> steps = new ArrayList<>(2);

		/**
		 * Create a new instance.
		 * @param saved what the attempt has saved before, whose state is known
		 */
		Undo(RelationalMappingContext mappingContext, Set<Object> saved) {
			this.mappingContext = mappingContext;
			this.saved = saved;
		}

		/**
		 * Add an entity, or whatever contains entities.
		 */
		void add(@Nullable Object value) {
			if (value instanceof Collection<?> elements) {
				elements.forEach(this::add);
			}
			else if (value instanceof Map<?, ?> map) {
				map.values().forEach(this::add);
			}
			else if (value != null && this.visited.add(value)) {
				RelationalPersistentEntity<?> type = this.mappingContext.getPersistentEntity(value.getClass());
				if (type != null) {
					addEntity(value, type, this.saved.add(value));
				}
			}
		}

		private void addEntity(Object entity, RelationalPersistentEntity<?> type, boolean unknown) {
			PersistentPropertyAccessor<Object> accessor = type.getPropertyAccessor(entity);
			for (RelationalPersistentProperty property : type) {
				boolean entities = property.isEntity();
				if (entities || property.isIdProperty() || property.isVersionProperty()) {
					Object value = accessor.getProperty(property);
					if (unknown && !property.isImmutable()) {
						this.steps.add(() -> accessor.setProperty(property, value));
					}
					if (entities) {
						add(value);
					}
				}
			}
			if (unknown && entity instanceof Persistable<?> persistable && persistable.isNew()) {
				this.steps.add(() -> requireNew(persistable));
			}
		}

		private void requireNew(Persistable<?> entity) {
			if (!entity.isNew() && AggregateUndo.this.warned.add(entity.getClass())) {
				logger.warn("A new " + entity.getClass().getName() + " was saved by a transaction that was rolled "
						+ "back. Its id and version were set back, but it still says that it is not new, so that "
						+ "saving it again updates no row. Make it inside of the transaction, or let isNew() depend "
						+ "on its id or version");
			}
		}

		@Override
		public void run() {
			this.steps.forEach(Runnable::run);
		}

	}

}
