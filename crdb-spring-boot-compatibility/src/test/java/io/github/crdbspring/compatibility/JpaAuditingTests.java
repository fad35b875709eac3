package io.github.crdbspring.compatibility;

import java.time.Instant;
import java.util.List;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityListeners;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import jakarta.persistence.Version;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.CreatedBy;
import org.springframework.data.annotation.CreatedDate;
import org.springframework.data.annotation.LastModifiedBy;
import org.springframework.data.domain.AuditorAware;
import org.springframework.data.domain.Persistable;
import org.springframework.data.jpa.domain.support.AuditingEntityListener;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaAuditing;
import org.springframework.data.jpa.repository.support.JpaRepositoryFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for Spring Data's auditing with JPA, of entities from outside of the transaction:
 * it takes the values of the attempt that is committed.
 */
@DatabaseTest
class JpaAuditingTests {

	@Test
	@InjectRetries
	void theAttemptThatIsCommittedIsAudited(TestDatabase database) {
		Applications.withJpa(database, Audited.class, Generated.class, Flagged.class, Dated.class)
			.withUserConfiguration(Auditing.class)
			.run((context) -> {
				TransactionalWork work = context.getBean(TransactionalWork.class);
				JdbcClient jdbc = context.getBean(JdbcClient.class);
				JpaRepositoryFactory repositories = new JpaRepositoryFactory(context.getBean(EntityManager.class));
				Generated generated = new Generated();
				Flagged flagged = new Flagged();
				Dated dated = new Dated();
				work.annotated(() -> {
					repositories.getRepository(GeneratedRepository.class).saveAndFlush(generated);
					repositories.getRepository(FlaggedRepository.class).saveAndFlush(flagged);
					return repositories.getRepository(DatedRepository.class).saveAndFlush(dated);
				});
				for (String table : List.of("generated", "flagged", "dated")) {
					assertThat(row(jdbc, table, "created_by")).as(table).isEqualTo("attempt 2");
					assertThat(row(jdbc, table, "last_modified_by")).as(table).isEqualTo("attempt 2");
				}
				generated.name = "changed";
				work.annotated(() -> repositories.getRepository(GeneratedRepository.class).saveAndFlush(generated));
				assertThat(row(jdbc, "generated", "name")).isEqualTo("changed");
				assertThat(row(jdbc, "generated", "last_modified_by")).isEqualTo("attempt 2");
			});
	}

	private static String row(JdbcClient jdbc, String table, String column) {
		return jdbc.sql("SELECT " + column + " FROM " + table).query(String.class).single();
	}

	interface GeneratedRepository extends JpaRepository<Generated, Long> {

	}

	interface FlaggedRepository extends JpaRepository<Flagged, Integer> {

	}

	interface DatedRepository extends JpaRepository<Dated, Integer> {

	}

	@MappedSuperclass
	@EntityListeners(AuditingEntityListener.class)
	abstract static class Audited {

		@CreatedDate
		Instant created;

		@CreatedBy
		String createdBy;

		@LastModifiedBy
		String lastModifiedBy;

		String name;

	}

	@Entity
	@Table(name = "generated")
	static class Generated extends Audited {

		@Id
		@GeneratedValue
		Long id;

		@Version
		Integer version;

	}

	/**
	 * Knows by a flag whether it is new, as Spring Data's reference has it.
	 */
	@Entity
	@Table(name = "flagged")
	static class Flagged extends Audited implements Persistable<Integer> {

		@Id
		Integer id = 1;

		@Transient
		boolean stored;

		@Override
		public Integer getId() {
			return this.id;
		}

		@Override
		public boolean isNew() {
			return !this.stored;
		}

		@PostPersist
		@PostLoad
		void markStored() {
			this.stored = true;
		}

	}

	/**
	 * Knows by its auditing whether it is new.
	 */
	@Entity
	@Table(name = "dated")
	static class Dated extends Audited implements Persistable<Integer> {

		@Id
		Integer id = 1;

		@Override
		public Integer getId() {
			return this.id;
		}

		@Override
		public boolean isNew() {
			return this.created == null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJpaAuditing
	static class Auditing {

		@Bean
		AuditorAware<String> auditor() {
			return () -> TransactionAttempt.current().map((attempt) -> "attempt " + attempt.number());
		}

	}

}
