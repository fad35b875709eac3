package io.github.crdbspring.stack;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tests for transactions that use {@link JdbcClient}.
 */
class JdbcClientTests extends AbstractStackTests {

	JdbcClientTests() {
		super(JdbcClientConfiguration.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class JdbcClientConfiguration {

		@Bean
		Accounts accounts(JdbcClient jdbc) {
			return new JdbcClientAccounts(jdbc);
		}

	}

	private record JdbcClientAccounts(JdbcClient jdbc) implements Accounts {

		@Override
		public int read(int id) {
			return this.jdbc.sql("SELECT balance FROM account WHERE id = ?").param(id).query(Integer.class).single();
		}

		@Override
		public void write(int id, int balance) {
			this.jdbc.sql("UPDATE account SET balance = ? WHERE id = ?").param(balance).param(id).update();
		}

		@Override
		public void insert(int id, int balance) {
			this.jdbc.sql("INSERT INTO account VALUES (?, ?)").param(id).param(balance).update();
		}

	}

}
