package io.github.crdbspring.stack;

import java.util.List;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.Version;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;
import org.springframework.data.relational.core.mapping.Table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that use Spring Data JDBC.
 */
class DataJdbcTests extends AbstractStackTests {

	DataJdbcTests() {
		super(DataJdbcConfiguration.class);
	}

	/**
	 * CockroachDB says in its metadata that it is PostgreSQL.
	 */
	@Test
	void theDialectIsThatOfPostgres() {
		assertThat(bean(JdbcDialect.class)).isInstanceOf(JdbcPostgresDialect.class);
	}

	@Test
	void aLockedRowIsLockedOnTheServer() {
		proxy().clear();
		int balance = bean(Transactions.class)
			.get(() -> bean(DataJdbcAccountRepository.class).findWithLockById(1).orElseThrow().balance());
		assertThat(balance).isEqualTo(100);
		assertThat(proxy().statements()).anyMatch((sql) -> sql.startsWith("SELECT") && sql.contains(" FOR UPDATE"));
	}

	/**
	 * What is locked before it is read is not lost to a rival, so there is no second
	 * attempt.
	 */
	@Test
	void aLockedRowIsNotChangedByAnother() throws InterruptedException {
		DataJdbcAccountRepository repository = bean(DataJdbcAccountRepository.class);
		Transactions transactions = bean(Transactions.class);
		Thread rival = new Thread(() -> transactions.run(() -> {
			AccountRow row = repository.findWithLockById(1).orElseThrow();
			repository.save(new AccountRow(1, row.balance() + 1000));
		}));
		transactions.run(() -> {
			AccountRow row = repository.findWithLockById(1).orElseThrow();
			attempt();
			rival.start();
			assertThat(isBlocked(rival)).isTrue();
			repository.save(new AccountRow(1, row.balance() + 5));
		});
		rival.join();
		assertThat(attempts()).containsExactly(1);
		assertThat(conflicts().balance(1)).isEqualTo(1105);
	}

	@Test
	void aConflictOfVersionsIsNotRetried() {
		database().jdbc().sql("CREATE TABLE versioned (id INT PRIMARY KEY, name TEXT, version INT NOT NULL)").update();
		JdbcAggregateOperations aggregates = bean(JdbcAggregateOperations.class);
		Versioned stale = aggregates.insert(new Versioned(1, "first", null));
		aggregates.save(new Versioned(1, "second", stale.version()));
		assertThatExceptionOfType(OptimisticLockingFailureException.class)
			.isThrownBy(() -> bean(Transactions.class).run(() -> {
				attempt();
				aggregates.save(new Versioned(1, "third", stale.version()));
			}));
		assertThat(attempts()).containsExactly(1);
		assertThat(aggregates.findById(1, Versioned.class).name()).isEqualTo("second");
	}

	/**
	 * An aggregate is written whole, so its children are deleted and inserted again in
	 * the same attempt.
	 */
	@Test
	void anAggregateWithChildrenIsWrittenOnce() {
		database().jdbc().sql("CREATE TABLE cart (id INT PRIMARY KEY, balance INT)").update();
		database().jdbc()
			.sql("CREATE TABLE line (cart INT, cart_key INT, item TEXT, PRIMARY KEY (cart, cart_key))")
			.update();
		JdbcAggregateOperations aggregates = bean(JdbcAggregateOperations.class);
		aggregates.insert(new Cart(1, 0, List.of(new Line("a"))));
		bean(Transactions.class).run(() -> {
			int balance = bean(DataJdbcAccountRepository.class).findById(1).orElseThrow().balance();
			aggregates.update(new Cart(1, balance, List.of(new Line("b"), new Line("c"))));
			if (attempt() == 1) {
				conflicts().lostUpdate(1);
			}
			bean(DataJdbcAccountRepository.class).save(new AccountRow(1, balance + 5));
		});
		assertThat(attempts()).containsExactly(1, 2);
		Cart cart = aggregates.findById(1, Cart.class);
		assertThat(cart.balance()).isEqualTo(1100);
		assertThat(cart.lines()).extracting(Line::item).containsExactly("b", "c");
	}

	private static boolean isBlocked(Thread thread) {
		try {
			thread.join(300);
			return thread.isAlive();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@ImportAutoConfiguration(DataJdbcRepositoriesAutoConfiguration.class)
	static class DataJdbcConfiguration {

		@Bean
		Accounts accounts(DataJdbcAccountRepository repository, JdbcAggregateOperations aggregates) {
			return new DataJdbcAccounts(repository, aggregates);
		}

	}

	/**
	 * An aggregate whose ids the application chooses, so that only it knows which are
	 * new.
	 */
	@Table("account")
	record AccountRow(@Id int id, int balance) {

	}

	@Table("versioned")
	record Versioned(@Id int id, String name, @Version Integer version) {

	}

	@Table("cart")
	record Cart(@Id int id, int balance, List<Line> lines) {

	}

	@Table("line")
	record Line(String item) {

	}

	private record DataJdbcAccounts(DataJdbcAccountRepository repository,
			JdbcAggregateOperations aggregates) implements Accounts {

		@Override
		public int read(int id) {
			return this.repository.findById(id).orElseThrow().balance();
		}

		@Override
		public void write(int id, int balance) {
			this.repository.save(new AccountRow(id, balance));
		}

		@Override
		public void insert(int id, int balance) {
			this.aggregates.insert(new AccountRow(id, balance));
		}

	}

}
