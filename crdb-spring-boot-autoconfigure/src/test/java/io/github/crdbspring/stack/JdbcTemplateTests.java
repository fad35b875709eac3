package io.github.crdbspring.stack;

import java.util.Map;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/**
 * Tests for transactions that use {@link JdbcTemplate} and
 * {@link NamedParameterJdbcTemplate}.
 */
class JdbcTemplateTests extends AbstractStackTests {

	JdbcTemplateTests() {
		super(JdbcTemplateConfiguration.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class JdbcTemplateConfiguration {

		@Bean
		Accounts accounts(JdbcTemplate jdbc, NamedParameterJdbcTemplate namedJdbc) {
			return new JdbcTemplateAccounts(jdbc, namedJdbc);
		}

	}

	private record JdbcTemplateAccounts(JdbcTemplate jdbc, NamedParameterJdbcTemplate namedJdbc) implements Accounts {

		@Override
		public int read(int id) {
			return this.jdbc.queryForObject("SELECT balance FROM account WHERE id = ?", Integer.class, id);
		}

		@Override
		public void write(int id, int balance) {
			this.namedJdbc.update("UPDATE account SET balance = :balance WHERE id = :id",
					Map.of("id", id, "balance", balance));
		}

		@Override
		public void insert(int id, int balance) {
			this.jdbc.update("INSERT INTO account VALUES (?, ?)", id, balance);
		}

	}

}
