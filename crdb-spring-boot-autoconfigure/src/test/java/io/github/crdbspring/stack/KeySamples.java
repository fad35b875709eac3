package io.github.crdbspring.stack;

import java.util.List;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.dialect.JdbcPostgresDialect;
import org.springframework.data.relational.core.dialect.IdGeneration;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.data.relational.core.sql.SqlIdentifier;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;

/**
 * The code in {@code docs/keys.md}.
 */
final class KeySamples {

	private KeySamples() {
	}

	/**
	 * Uses plain JDBC.
	 */
	static class Articles {

		private final JdbcClient jdbc;

		private final JdbcTemplate jdbcTemplate;

		Articles(JdbcClient jdbc, JdbcTemplate jdbcTemplate) {
			this.jdbc = jdbc;
			this.jdbcTemplate = jdbcTemplate;
		}

		@CrdbTransactional
		UUID insert(String name) {
			KeyHolder keys = new GeneratedKeyHolder();
			this.jdbc.sql("INSERT INTO article (name) VALUES (?)").param(name).update(keys, "id");
			return keys.getKeyAs(UUID.class);
		}

		@CrdbTransactional
		UUID insertReturning(String name) {
			return this.jdbc.sql("INSERT INTO article (name) VALUES (:name) RETURNING id")
				.param("name", name)
				.query(UUID.class)
				.single();
		}

		@CrdbTransactional
		List<Article> insertAll(List<String> names) {
			return this.jdbc.sql("INSERT INTO article (name) SELECT unnest(?) RETURNING id, name")
				.param(names.toArray(new String[0]))
				.query(Article.class)
				.list();
		}

		@CrdbTransactional
		void insertOwnKeys(List<String> names) {
			this.jdbcTemplate.batchUpdate("INSERT INTO article (id, name) VALUES (?, ?)",
					names.stream().map((name) -> new Object[] { UUID.randomUUID(), name }).toList());
		}

	}

	/**
	 * Gives new aggregates their UUIDs.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OwnKeysConfiguration {

		@Bean
		BeforeConvertCallback<Article> articleIds() {
			return (article) -> (article.id() != null) ? article : new Article(UUID.randomUUID(), article.name());
		}

	}

	/**
	 * Has only keys come back.
	 */
	@Configuration(proxyBeanMethods = false)
	static class DialectConfiguration {

		@Bean
		JdbcDialect jdbcDialect() {
			return new JdbcPostgresDialect() {

				@Override
				public IdGeneration getIdGeneration() {
					return new KeysOnly(super.getIdGeneration());
				}

			};
		}

	}

	record KeysOnly(IdGeneration postgres) implements IdGeneration {

		@Override
		public boolean driverRequiresKeyColumnNames() {
			return true;
		}

		@Override
		public String createSequenceQuery(SqlIdentifier sequence) {
			return this.postgres.createSequenceQuery(sequence);
		}

	}

	@Table("article")
	record Article(@Id UUID id, String name) {

	}

	record Ticket(@JsonFormat(shape = Shape.STRING) long id, String name) {

	}

}
