package io.github.crdbspring.data;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.transaction.TransactionAttempt;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.spi.BootstrapContext;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.EventSource;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PersistContext;
import org.hibernate.event.spi.PersistEvent;
import org.hibernate.event.spi.PersistEventListener;
import org.hibernate.event.spi.PreUpdateEvent;
import org.hibernate.event.spi.PreUpdateEventListener;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.metamodel.mapping.NonAggregatedIdentifierMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.proxy.HibernateProxy;
import org.hibernate.type.ComponentType;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/**
 * Sets back what Hibernate has written into an entity when the attempt that persisted or
 * changed it is rolled back: a generated id, the version, and the collections that it
 * replaced by its own. Otherwise the next attempt would take a new entity that is an
 * argument for one that is stored already. Infrastructure of this library, no API for
 * applications; Hibernate finds it by itself.
 * <p>
 * What the application has changed in its entities is not set back. Thread-safe.
 *
 * @since 0.1.0
 */
public final class HibernateEntityUndo implements Integrator {

	@Override
	public void integrate(Metadata metadata, BootstrapContext bootstrapContext,
			SessionFactoryImplementor sessionFactory) {
		EventListenerRegistry registry = sessionFactory.getEventEngine().getListenerRegistry();
		// Before Hibernate's own, which generates the id
		registry.prependListeners(EventType.PERSIST, new PersistUndo());
		registry.prependListeners(EventType.PERSIST_ONFLUSH, new PersistUndo());
		registry.prependListeners(EventType.PRE_UPDATE, new UpdateUndo());
	}

	private static @Nullable TransactionAttempt attempt() {
		return TransactionAttempt.current().orElse(null);
	}

	private static void addVersion(EntityPersister persister, Object entity, List<Runnable> steps) {
		if (persister.isVersioned()) {
			int property = persister.getVersionPropertyIndex();
			Object version = persister.getValue(entity, property);
			steps.add(() -> persister.setValue(entity, property, version));
		}
	}

	/**
	 * Remembers new entities.
	 */
	private static final class PersistUndo implements PersistEventListener {

		@Override
		public void onPersist(PersistEvent event) {
			TransactionAttempt attempt = attempt();
			Object entity = event.getObject();
			EventSource session = event.getSession();
			if (attempt != null && entity != null && !(entity instanceof HibernateProxy)
					&& session.getPersistenceContextInternal().getEntry(entity) == null) {
				EntityPersister persister = session.getEntityPersister(event.getEntityName(), entity);
				List<Runnable> steps = new ArrayList<>(2);
				addId(persister, entity, session, steps);
				addVersion(persister, entity, steps);
				addCollections(persister, entity, steps);
				attempt.onRollback(() -> steps.forEach(Runnable::run));
			}
		}

		@Override
		public void onPersist(PersistEvent event, PersistContext createdAlready) {
			onPersist(event);
		}

		/**
		 * An id of several attributes is the application's to assign.
		 */
		@SuppressWarnings("NullAway") // of a simple id the session is not asked for
										// anything, and the id of a new entity is null
		private static void addId(EntityPersister persister, Object entity, SharedSessionContractImplementor session,
				List<Runnable> steps) {
			if (!(persister.getIdentifierMapping() instanceof NonAggregatedIdentifierMapping)) {
				Object id = persister.getIdentifier(entity, session);
				steps.add(() -> persister.setIdentifier(entity, id, null));
			}
		}

		private static void addCollections(EntityPersister persister, Object entity, List<Runnable> steps) {
			Type[] types = persister.getPropertyTypes();
			for (int i = 0; i < types.length; i++) {
				int property = i;
				if (types[i].isCollectionType()) {
					Object collection = persister.getValue(entity, property);
					steps.add(() -> persister.setValue(entity, property, collection));
				}
				else if (types[i] instanceof ComponentType type) {
					addCollections(type, persister.getValue(entity, property), steps);
				}
			}
		}

		/**
		 * Those of an embeddable; one that is immutable cannot be given others.
		 */
		private static void addCollections(ComponentType embeddable, @Nullable Object embedded, List<Runnable> steps) {
			if (embedded == null) {
				return;
			}
			Type[] types = embeddable.getSubtypes();
			@Nullable Object[] before = embeddable.getPropertyValues(embedded);
			for (int i = 0; i < types.length; i++) {
				int property = i;
				if (types[i].isCollectionType() && embeddable.isMutable()) {
					steps.add(() -> {
						@Nullable Object[] values = embeddable.getPropertyValues(embedded);
						values[property] = before[property];
						embeddable.setPropertyValues(embedded, values);
					});
				}
				else if (types[i] instanceof ComponentType type) {
					addCollections(type, before[property], steps);
				}
			}
		}

	}

	/**
	 * Remembers the versions of entities that are updated: one that was read before the
	 * transaction outlives it.
	 */
	private static final class UpdateUndo implements PreUpdateEventListener {

		@Override
		public boolean onPreUpdate(PreUpdateEvent event) {
			TransactionAttempt attempt = attempt();
			if (attempt != null && event.getPersister().isVersioned()) {
				List<Runnable> steps = new ArrayList<>(1);
				addVersion(event.getPersister(), event.getEntity(), steps);
				attempt.onRollback(() -> steps.forEach(Runnable::run));
			}
			return false;
		}

	}

}
