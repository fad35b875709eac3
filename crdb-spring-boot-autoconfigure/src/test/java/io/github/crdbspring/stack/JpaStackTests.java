package io.github.crdbspring.stack;

import jakarta.persistence.EntityManager;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.UnexpectedRollbackException;

/**
 * Tests for transactions that use JPA's {@link EntityManager}, with Hibernate.
 */
class JpaStackTests extends AbstractStackTests {

	JpaStackTests() {
		super(JpaConfiguration.class);
	}

	@Override
	Class<? extends Exception> plainRollback() {
		return UnexpectedRollbackException.class;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	static class JpaConfiguration {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(AccountEntity.class.getName());
		}

		@Bean
		Accounts accounts(EntityManager entityManager) {
			return new JpaAccounts(entityManager);
		}

	}

	private record JpaAccounts(EntityManager entityManager) implements Accounts {

		@Override
		public int read(int id) {
			return this.entityManager.find(AccountEntity.class, id).getBalance();
		}

		@Override
		public void write(int id, int balance) {
			this.entityManager.createQuery("UPDATE Account SET balance = :balance WHERE id = :id")
				.setParameter("balance", balance)
				.setParameter("id", id)
				.executeUpdate();
		}

		@Override
		public void insert(int id, int balance) {
			this.entityManager.persist(new AccountEntity(id, balance));
			this.entityManager.flush();
		}

	}

}
