package io.github.crdbspring.jpa;

import java.util.function.Supplier;

import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PostCommitUpdateEventListener;
import org.hibernate.event.spi.PostUpdateEvent;
import org.hibernate.persister.entity.EntityPersister;

/**
 * Fails after each commit of an update, which Hibernate calls it for as a part of its own
 * commit.
 */
@SuppressWarnings("serial")
final class PostCommitListener implements PostCommitUpdateEventListener {

	private transient Supplier<RuntimeException> failure;

	PostCommitListener(EntityManagerFactory factory) {
		factory.unwrap(SessionFactoryImplementor.class)
			.getServiceRegistry()
			.requireService(EventListenerRegistry.class)
			.appendListeners(EventType.POST_COMMIT_UPDATE, this);
	}

	/**
	 * Fail from now on.
	 * @param failure makes what is thrown, {@code null} not to fail any more
	 */
	void failWith(Supplier<RuntimeException> failure) {
		this.failure = failure;
	}

	@Override
	public void onPostUpdate(PostUpdateEvent event) {
		if (this.failure != null) {
			throw this.failure.get();
		}
	}

	@Override
	public void onPostUpdateCommitFailed(PostUpdateEvent event) {
		throw new AssertionError("It is no commit that failed");
	}

	@Override
	public boolean requiresPostCommitHandling(EntityPersister persister) {
		return true;
	}

}
