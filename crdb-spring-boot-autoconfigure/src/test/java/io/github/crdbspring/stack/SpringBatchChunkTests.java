package io.github.crdbspring.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.ForgedError;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.support.JdbcDefaultBatchConfiguration;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.launch.JobRestartException;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.ChunkOrientedStepBuilder;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.batch.infrastructure.item.database.JpaItemWriter;
import org.springframework.batch.infrastructure.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.infrastructure.item.database.builder.JpaItemWriterBuilder;
import org.springframework.batch.infrastructure.item.support.AbstractItemCountingItemStreamItemReader;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.interceptor.DefaultTransactionAttribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for conflicts at COMMIT of what a chunk-oriented step writes.
 */
@DatabaseTest
class SpringBatchChunkTests {

	private static final int ITEMS = 6;

	private TestDatabase database;

	@BeforeEach
	void createTables(TestDatabase testDatabase) throws Exception {
		this.database = testDatabase;
		if (testDatabase.jdbc()
			.sql("SELECT count(*) FROM information_schema.tables WHERE table_name = 'written'")
			.query(Integer.class)
			.single() == 0) {
			Contexts.createTables(testDatabase, "org/springframework/batch/core/schema-postgresql.sql");
			testDatabase.jdbc().sql("CREATE TABLE written (id UUID PRIMARY KEY, item INT NOT NULL)").update();
		}
		testDatabase.jdbc().sql("DELETE FROM written").update();
	}

	/**
	 * In memory the step execution keeps the version that was rolled back:
	 * https://github.com/spring-projects/spring-batch/issues/1826.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "jpa" })
	void aConflictAtCommitOfAChunkLeavesTheJobUnknownUntilItsStatusIsSetByHand(String writer) throws Exception {
		try (WireProxy proxy = this.database.proxy(); AnnotationConfigApplicationContext context = start(proxy)) {
			ItemWriter<Written> target = context.getBean(writer, Writers.class).writer();
			Job job = job(context, failingOnce(proxy, target), TransactionDefinition.PROPAGATION_REQUIRED);
			JobExecution failed = run(context, job, writer);
			assertThat(failed.getStatus()).isEqualTo(BatchStatus.UNKNOWN);
			assertThat(written()).as("the first chunk only").containsExactly(1, 2);
			assertThatExceptionOfType(JobRestartException.class).isThrownBy(() -> run(context, job, writer));
			for (String table : List.of("batch_job_execution", "batch_step_execution")) {
				this.database.jdbc()
					.sql("UPDATE " + table + " SET status = 'FAILED' WHERE job_execution_id = ?")
					.param(failed.getId())
					.update();
			}
			assertThat(run(context, job, writer).getStatus()).isEqualTo(BatchStatus.COMPLETED);
			assertThat(written()).containsExactly(1, 2, 3, 4, 5, 6);
		}
	}

	/**
	 * As docs/data-access.md says.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "jpa" })
	void aWriterWithATransactionOfItsOwnIsRetried(String writer) throws Exception {
		try (WireProxy proxy = this.database.proxy(); AnnotationConfigApplicationContext context = start(proxy)) {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			ItemWriter<Written> target = failingOnce(proxy, context.getBean(writer, Writers.class).writer());
			Job job = job(context, (chunk) -> template.execute((status) -> {
				try {
					target.write(chunk);
					return null;
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
			}), TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
			JobExecution execution = run(context, job, "retried " + writer);
			assertThat(execution.getStatus()).as(execution.toString()).isEqualTo(BatchStatus.COMPLETED);
			assertThat(written()).containsExactly(1, 2, 3, 4, 5, 6);
		}
	}

	private AnnotationConfigApplicationContext start(WireProxy proxy) {
		return Contexts.start(this.database.url(proxy), BatchConfiguration.class);
	}

	/**
	 * Has the COMMIT fail that follows the second chunk.
	 */
	private static ItemWriter<Written> failingOnce(WireProxy proxy, ItemWriter<Written> target) {
		List<Integer> chunks = new ArrayList<>();
		return (chunk) -> {
			chunks.add(chunk.size());
			target.write(chunk);
			if (chunks.size() == 2) {
				proxy.failNext("COMMIT", ForgedError.of("40001"));
			}
		};
	}

	private static Job job(AnnotationConfigApplicationContext context, ItemWriter<Written> writer, int propagation) {
		JobRepository jobs = context.getBean(JobRepository.class);
		ChunkOrientedStepBuilder<Written, Written> step = new StepBuilder("step", jobs).chunk(2);
		return new JobBuilder("job", jobs)
			.start(step.transactionManager(context.getBean(PlatformTransactionManager.class))
				.transactionAttribute(new DefaultTransactionAttribute(propagation))
				.reader(new Numbers())
				.writer(writer)
				.build())
			.build();
	}

	private static JobExecution run(AnnotationConfigApplicationContext context, Job job, String key) throws Exception {
		JobParameters parameters = new JobParametersBuilder().addString("key", key).toJobParameters();
		return context.getBean(JobOperator.class).start(job, parameters);
	}

	private List<Integer> written() {
		return this.database.jdbc().sql("SELECT item FROM written ORDER BY item").query(Integer.class).list();
	}

	/**
	 * Reads new entities, and goes on after a restart where it was.
	 */
	private static final class Numbers extends AbstractItemCountingItemStreamItemReader<Written> {

		private List<Integer> left = List.of();

		Numbers() {
			setName("numbers");
		}

		@Override
		protected void doOpen() {
			this.left = new ArrayList<>(IntStream.rangeClosed(1, ITEMS).boxed().toList());
		}

		@Override
		protected Written doRead() {
			return this.left.isEmpty() ? null : new Written(this.left.remove(0));
		}

		@Override
		protected void doClose() {
			this.left = List.of();
		}

	}

	@Entity
	@Table(name = "written")
	static class Written {

		@Id
		@GeneratedValue(strategy = GenerationType.UUID)
		private UUID id;

		private int item;

		Written() {
		}

		Written(int item) {
			this.item = item;
		}

		int getItem() {
			return this.item;
		}

	}

	/**
	 * Makes a writer.
	 */
	interface Writers {

		ItemWriter<Written> writer();

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	static class BatchConfiguration extends JdbcDefaultBatchConfiguration {

		@Override
		protected JdbcOperations getJdbcOperations() {
			return new UnlimitedJdbcTemplate(getDataSource());
		}

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Written.class.getName());
		}

		@Bean
		Writers jdbc(DataSource dataSource) {
			return () -> {
				var writer = new JdbcBatchItemWriterBuilder<Written>().dataSource(dataSource)
					.sql("INSERT INTO written (id, item) VALUES (gen_random_uuid(), ?)")
					.itemPreparedStatementSetter((item, statement) -> statement.setInt(1, item.getItem()))
					.build();
				writer.afterPropertiesSet();
				return writer;
			};
		}

		@Bean
		Writers jpa(EntityManagerFactory factory) {
			return () -> {
				JpaItemWriter<Written> writer = new JpaItemWriterBuilder<Written>().entityManagerFactory(factory)
					.usePersist(true)
					.build();
				return writer;
			};
		}

	}

}
