package io.github.crdbspring.stack;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.UnexpectedRollbackException;

/**
 * Tests for transactions that use repositories of Spring Data JPA.
 */
class DataJpaTests extends AbstractStackTests {

	DataJpaTests() {
		super(DataJpaConfiguration.class);
	}

	@Override
	Class<? extends Exception> plainRollback() {
		return UnexpectedRollbackException.class;
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration({ HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class DataJpaConfiguration {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(AccountEntity.class.getName());
		}

		@Bean
		Accounts accounts(AccountRepository repository) {
			return new DataJpaAccounts(repository);
		}

	}

	private record DataJpaAccounts(AccountRepository repository) implements Accounts {

		@Override
		public int read(int id) {
			return this.repository.findById(id).orElseThrow().getBalance();
		}

		@Override
		public void write(int id, int balance) {
			this.repository.write(id, balance);
		}

		@Override
		public void insert(int id, int balance) {
			this.repository.insert(id, balance);
		}

	}

}
