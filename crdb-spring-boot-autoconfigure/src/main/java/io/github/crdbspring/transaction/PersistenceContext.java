package io.github.crdbspring.transaction;

import jakarta.persistence.EntityManagerFactory;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * The persistence context that was bound to the thread before a transaction began, as
 * open-in-view does. Spring lets all transactions of the thread use it, so it must not
 * carry the entities of a failed attempt into the next.
 */
interface PersistenceContext {

	/**
	 * Forget all entities.
	 */
	void clear();

	/**
	 * Return the persistence context of a transaction manager, which is nothing to clear
	 * unless it is one for JPA.
	 */
	static PersistenceContext of(PlatformTransactionManager transactionManager) {
		boolean jpa = ClassUtils.isPresent("org.springframework.orm.jpa.JpaTransactionManager",
				PersistenceContext.class.getClassLoader());
		return jpa ? JpaPersistenceContext.of(transactionManager) : () -> {
		};
	}

	/**
	 * The one of JPA, of which nothing is loaded unless JPA is there.
	 */
	final class JpaPersistenceContext {

		private JpaPersistenceContext() {
		}

		static PersistenceContext of(PlatformTransactionManager transactionManager) {
			EntityManagerFactory factory = (transactionManager instanceof JpaTransactionManager jpaTransactionManager)
					? jpaTransactionManager.getEntityManagerFactory() : null;
			return () -> {
				if (factory != null && TransactionSynchronizationManager
					.getResource(factory) instanceof EntityManagerHolder holder) {
					holder.getEntityManager().clear();
				}
			};
		}

	}

}
