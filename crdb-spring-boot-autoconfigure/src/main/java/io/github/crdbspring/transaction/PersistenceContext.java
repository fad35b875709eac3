package io.github.crdbspring.transaction;

import javax.sql.DataSource;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.EntityTransaction;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.resource.jdbc.spi.LogicalConnectionImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * What a transaction manager for JPA has beside the connection: a persistence context. It
 * may have been bound to the thread before a transaction began, as open-in-view does, and
 * must then not carry the entities of a failed attempt into the next, nor show them to
 * whoever uses it after the last.
 */
interface PersistenceContext {

	/**
	 * The one of a transaction manager that is not for JPA.
	 */
	PersistenceContext NONE = () -> Session.NONE;

	/**
	 * Return the session of the transaction that has just begun.
	 * @return the session
	 */
	Session session();

	/**
	 * Return the DataSource whose connections the transaction manager uses.
	 * @param resourceFactory what it says to have transactions on
	 * @return a DataSource, or something else if it uses none that is known
	 */
	default Object dataSource(Object resourceFactory) {
		return resourceFactory;
	}

	/**
	 * Forget all entities after a failure, and the connection, which may be lost and
	 * would otherwise be kept until the persistence context is closed. Nothing happens
	 * while a transaction is using them: that of an attempt which has ended is not, but
	 * it may have suspended another one.
	 * @param failure what failed, which is not to be replaced by a failure to clear
	 */
	default void clearAfter(Throwable failure) {
	}

	/**
	 * Let go of the connection after a commit, if it is kept for what comes next. The
	 * entities stay.
	 */
	default void disconnect() {
	}

	/**
	 * Return the persistence context of a transaction manager.
	 */
	static PersistenceContext of(PlatformTransactionManager transactionManager) {
		return isPresent("org.springframework.orm.jpa.JpaTransactionManager")
				? JpaPersistenceContext.of(transactionManager) : NONE;
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, PersistenceContext.class.getClassLoader());
	}

	private static void suppress(Throwable failure, RuntimeException further) {
		if (further != failure) {
			failure.addSuppressed(further);
		}
	}

	/**
	 * The session of one transaction.
	 */
	interface Session {

		/**
		 * There is none without JPA.
		 */
		Session NONE = new Session() {
		};

		/**
		 * Whether it has a connection, so that asking for it opens none.
		 * @return {@code false} if that is unknown
		 */
		default boolean isConnected() {
			return false;
		}

		/**
		 * Roll the session's transaction back, if a failure has left it open. Otherwise
		 * the session would never give its connection back.
		 * @param failure the failure, which is not to be replaced by one to roll back
		 */
		default void rollBackAfter(Throwable failure) {
		}

	}

	/**
	 * The one of JPA, of which nothing is loaded unless JPA is there.
	 *
	 * @param transactionManager the transaction manager
	 * @param factory what entity managers are bound to the thread for
	 * @param hibernate whether they are Hibernate's
	 */
	record JpaPersistenceContext(JpaTransactionManager transactionManager, EntityManagerFactory factory,
			boolean hibernate) implements PersistenceContext {

		private static final Log logger = LogFactory.getLog(PersistenceContext.class);

		static PersistenceContext of(PlatformTransactionManager transactionManager) {
			if (!(transactionManager instanceof JpaTransactionManager jpaTransactionManager)
					|| jpaTransactionManager.getEntityManagerFactory() == null) {
				return NONE;
			}
			return new JpaPersistenceContext(jpaTransactionManager, jpaTransactionManager.getEntityManagerFactory(),
					isPresent("org.hibernate.engine.spi.SessionImplementor")
							&& HibernateConnection.isUsedBy(jpaTransactionManager));
		}

		private @Nullable EntityManagerHolder holder() {
			return (EntityManagerHolder) TransactionSynchronizationManager.getResource(this.factory);
		}

		@Override
		public Object dataSource(Object resourceFactory) {
			DataSource dataSource = this.transactionManager.getDataSource();
			return (dataSource != null) ? dataSource : resourceFactory;
		}

		@Override
		public Session session() {
			EntityManagerHolder holder = holder();
			return (holder != null) ? new JpaSession(holder.getEntityManager(), this.hibernate) : Session.NONE;
		}

		@Override
		public void clearAfter(Throwable failure) {
			EntityManager entityManager = findIdle();
			if (entityManager != null) {
				try {
					entityManager.clear();
					disconnect(entityManager);
				}
				catch (RuntimeException ex) {
					suppress(failure, ex);
				}
			}
		}

		@Override
		public void disconnect() {
			EntityManager entityManager = findIdle();
			if (entityManager != null) {
				try {
					disconnect(entityManager);
				}
				catch (RuntimeException ex) {
					logger.debug("A connection that was lost could not be let go of", ex);
				}
			}
		}

		/**
		 * Find the entity manager that outlives the transaction, if there is one.
		 */
		private @Nullable EntityManager findIdle() {
			EntityManagerHolder holder = holder();
			return (holder != null && !holder.isSynchronizedWithTransaction() && holder.getEntityManager().isOpen())
					? holder.getEntityManager() : null;
		}

		private void disconnect(EntityManager entityManager) {
			if (this.hibernate) {
				HibernateConnection.of(entityManager).manualDisconnect();
			}
		}

	}

	/**
	 * A session of JPA.
	 *
	 * @param entityManager the entity manager of the transaction
	 * @param hibernate whether it is Hibernate's
	 */
	record JpaSession(EntityManager entityManager, boolean hibernate) implements Session {

		@Override
		public boolean isConnected() {
			return this.hibernate && HibernateConnection.of(this.entityManager).isPhysicallyConnected();
		}

		@Override
		public void rollBackAfter(Throwable failure) {
			try {
				EntityTransaction transaction = this.entityManager.getTransaction();
				if (transaction.isActive()) {
					transaction.rollback();
				}
			}
			catch (RuntimeException ex) {
				suppress(failure, ex);
			}
		}

	}

	/**
	 * The connection of Hibernate's sessions, of which nothing is loaded unless Hibernate
	 * is there.
	 */
	final class HibernateConnection {

		private HibernateConnection() {
		}

		static boolean isUsedBy(JpaTransactionManager transactionManager) {
			return transactionManager.getJpaDialect() instanceof HibernateJpaDialect;
		}

		/**
		 * Return what the session gets its connection from, and takes another one when it
		 * needs one.
		 */
		static LogicalConnectionImplementor of(EntityManager entityManager) {
			return entityManager.unwrap(SessionImplementor.class).getJdbcCoordinator().getLogicalConnection();
		}

	}

}
