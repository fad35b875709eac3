package io.github.crdbspring.transaction;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.SessionImplementor;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * The persistence context that was bound to the thread before a transaction began, as
 * open-in-view does. Spring lets all transactions of the thread use it, so it must not
 * carry the entities of a failed attempt into the next, nor show them to whoever uses it
 * after the last.
 */
interface PersistenceContext {

	/**
	 * Forget all entities, and the connection, which may be lost and would otherwise be
	 * kept until the persistence context is closed. Nothing happens while a transaction
	 * is using them: that of an attempt which has ended is not, but it may have suspended
	 * another one.
	 */
	void clear();

	/**
	 * Clear after a failure, which is not to be replaced by one to clear.
	 */
	default void clearAfter(Throwable failure) {
		try {
			clear();
		}
		catch (RuntimeException ex) {
			if (ex != failure) {
				failure.addSuppressed(ex);
			}
		}
	}

	/**
	 * Return the persistence context of a transaction manager, which is nothing to clear
	 * unless it is one for JPA.
	 */
	static PersistenceContext of(PlatformTransactionManager transactionManager) {
		return isPresent("org.springframework.orm.jpa.JpaTransactionManager")
				? JpaPersistenceContext.of(transactionManager) : () -> {
				};
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, PersistenceContext.class.getClassLoader());
	}

	/**
	 * The one of JPA, of which nothing is loaded unless JPA is there.
	 */
	final class JpaPersistenceContext {

		private JpaPersistenceContext() {
		}

		static PersistenceContext of(PlatformTransactionManager transactionManager) {
			if (!(transactionManager instanceof JpaTransactionManager jpaTransactionManager)) {
				return () -> {
				};
			}
			EntityManagerFactory factory = jpaTransactionManager.getEntityManagerFactory();
			boolean hibernate = isPresent("org.hibernate.engine.spi.SessionImplementor")
					&& HibernateSession.isUsedBy(jpaTransactionManager);
			return () -> {
				if (factory != null
						&& TransactionSynchronizationManager.getResource(factory) instanceof EntityManagerHolder holder
						&& !holder.isSynchronizedWithTransaction() && holder.getEntityManager().isOpen()) {
					holder.getEntityManager().clear();
					if (hibernate) {
						HibernateSession.disconnect(holder.getEntityManager());
					}
				}
			};
		}

	}

	/**
	 * The one of Hibernate, of which nothing is loaded unless Hibernate is there.
	 */
	final class HibernateSession {

		private HibernateSession() {
		}

		static boolean isUsedBy(JpaTransactionManager transactionManager) {
			return transactionManager.getJpaDialect() instanceof HibernateJpaDialect;
		}

		/**
		 * Give the connection back. The session takes another one when it needs one.
		 */
		static void disconnect(EntityManager entityManager) {
			entityManager.unwrap(SessionImplementor.class)
				.getJdbcCoordinator()
				.getLogicalConnection()
				.manualDisconnect();
		}

	}

}
