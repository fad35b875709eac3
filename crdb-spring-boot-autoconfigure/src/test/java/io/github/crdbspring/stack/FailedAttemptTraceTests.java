package io.github.crdbspring.stack;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.crdbspring.autoconfigure.CrdbAggregateAutoConfiguration;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.PrePersist;
import jakarta.persistence.Table;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Options;
import org.apache.ibatis.session.SqlSessionFactory;
import org.junit.jupiter.api.Test;
import org.mybatis.spring.SqlSessionTemplate;
import org.mybatis.spring.boot.autoconfigure.MybatisAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.CreatedBy;
import org.springframework.data.annotation.CreatedDate;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.AuditorAware;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.config.EnableJdbcAuditing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what libraries write into arguments by themselves, and a failed attempt
 * leaves there: the next attempt does its work all the same.
 */
@DatabaseTest
class FailedAttemptTraceTests {

	@Test
	void theNextAttemptDoesItsWork(TestDatabase database) {
		database.jdbc()
			.sql("CREATE TABLE audited (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), created_by TEXT, created TIMESTAMPTZ)")
			.update();
		database.jdbc()
			.sql("CREATE TABLE stamped (id UUID PRIMARY KEY, number INT NOT NULL, fixed INT NOT NULL)")
			.update();
		database.jdbc().sql("CREATE TABLE keyed (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL)").update();
		Conflicts conflicts = new Conflicts(database);
		Audited audited = new Audited();
		Stamped stamped = new Stamped();
		Keyed keyed = new Keyed();
		List<Long> keys = new ArrayList<>();
		try (AnnotationConfigApplicationContext context = Contexts.start(database, Traces.class)) {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			EntityManager entityManager = context.getBean(EntityManager.class);
			KeyedMapper mapper = context.getBean(SqlSessionTemplate.class).getMapper(KeyedMapper.class);
			context.getBean(Transactions.class).run(() -> {
				context.getBean(JdbcAggregateOperations.class).save(audited);
				entityManager.persist(stamped);
				entityManager.flush();
				mapper.insert(keyed);
				keys.add(keyed.getId());
				Conflicts.read(jdbc, 1);
				if (attempt() == 1) {
					conflicts.lostUpdate(1);
				}
				Conflicts.add(jdbc, 1, 5);
			});
		}
		assertThat(database.jdbc().sql("SELECT created_by FROM audited").query(String.class).single())
			.as("auditing finds the aggregate new again")
			.isEqualTo("attempt 2");
		assertThat(database.jdbc().sql("SELECT created FROM audited").query(Timestamp.class).single()).isNotNull();
		assertThat(database.jdbc().sql("SELECT number FROM stamped").query(Integer.class).single())
			.as("set by each attempt")
			.isEqualTo(2);
		assertThat(database.jdbc().sql("SELECT fixed FROM stamped").query(Integer.class).single())
			.as("set if there is none")
			.isOne();
		assertThat(keys).doesNotHaveDuplicates().hasSize(2);
		assertThat(database.jdbc().sql("SELECT id FROM keyed").query(Long.class).single()).isEqualTo(keyed.getId());
	}

	private static int attempt() {
		return TransactionAttempt.current().orElseThrow().number();
	}

	static class Audited {

		@Id
		UUID id;

		@CreatedBy
		String createdBy;

		@CreatedDate
		Instant created;

	}

	@Entity
	@Table(name = "stamped")
	static class Stamped {

		@jakarta.persistence.Id
		@GeneratedValue(strategy = GenerationType.UUID)
		UUID id;

		int number;

		Integer fixed;

		@PrePersist
		void stamp() {
			this.number = attempt();
			if (this.fixed == null) {
				this.fixed = attempt();
			}
		}

	}

	/**
	 * What MyBatis writes the key into.
	 */
	static class Keyed {

		private Long id;

		Long getId() {
			return this.id;
		}

		void setId(Long id) {
			this.id = id;
		}

	}

	interface KeyedMapper {

		@Insert("INSERT INTO keyed (name) VALUES ('k')")
		@Options(useGeneratedKeys = true, keyProperty = "id", keyColumn = "id")
		void insert(Keyed keyed);

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "io.github.crdbspring.test")
	@EnableJdbcAuditing
	@ImportAutoConfiguration({ CrdbAggregateAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class, MybatisAutoConfiguration.class })
	static class Traces {

		@Bean
		AuditorAware<String> auditor() {
			return () -> Optional.of("attempt " + attempt());
		}

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Stamped.class.getName());
		}

		@Bean
		KeyedMappers keyedMappers(SqlSessionFactory factory) {
			return new KeyedMappers(factory);
		}

	}

	/**
	 * Registers the mapper.
	 */
	static class KeyedMappers {

		KeyedMappers(SqlSessionFactory factory) {
			factory.getConfiguration().addMapper(KeyedMapper.class);
		}

	}

}
