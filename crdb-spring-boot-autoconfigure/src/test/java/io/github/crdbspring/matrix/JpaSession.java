package io.github.crdbspring.matrix;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PostCommitInsertEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.persister.entity.EntityPersister;

import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * A session by JPA with Hibernate, which tells a call also what Hibernate does after
 * COMMIT.
 */
final class JpaSession implements Session {

	private final EntityManager entityManager;

	JpaSession(EntityManagerFactory factory) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(factory);
		factory.unwrap(SessionFactoryImplementor.class)
			.getEventListenerRegistry()
			.appendListeners(EventType.POST_COMMIT_INSERT, new PostCommitListener());
	}

	@Override
	public void read() {
		this.entityManager.createNativeQuery("SELECT balance FROM account WHERE id = 1").getSingleResult();
	}

	@Override
	public void store(StoredCall call) {
		this.entityManager.persist(call);
	}

	@Override
	public void execute(String sql) {
		this.entityManager.createNativeQuery(sql).executeUpdate();
	}

	@Override
	public void sleep(double seconds) {
		this.entityManager.createNativeQuery("SELECT CAST(pg_sleep(" + seconds + ") AS VARCHAR)").getSingleResult();
	}

	/**
	 * Work of Hibernate's that belongs to its commit, but comes after COMMIT.
	 */
	private static final class PostCommitListener implements PostCommitInsertEventListener {

		@Override
		public void onPostInsert(PostInsertEvent event) {
			((StoredCall) event.getEntity()).getWork().reach(Moment.HIBERNATE_POST_COMMIT);
		}

		@Override
		public void onPostInsertCommitFailed(PostInsertEvent event) {
			// Not committed: nothing to be done
		}

		@Override
		public boolean requiresPostCommitHandling(EntityPersister persister) {
			return true;
		}

	}

}
