package io.github.crdbspring.compatibility;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.modulith.events.ApplicationModuleListener;
import org.springframework.modulith.events.config.EventPublicationAutoConfiguration;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for events that are published in a transaction, with and without Spring
 * Modulith's registry of them.
 */
@DatabaseTest
class ModulithTests {

	private TestDatabase database;

	private Rival rival;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) throws Exception {
		this.database = testDatabase;
		this.rival = new Rival(testDatabase);
		this.rival.reset();
		createTables("schemas/v2/schema-postgresql.sql");
		testDatabase.jdbc().sql("CREATE TABLE IF NOT EXISTS mail (id INT PRIMARY KEY)").update();
		testDatabase.jdbc().sql("DELETE FROM mail").update();
		testDatabase.jdbc().sql("DELETE FROM event_publication").update();
		this.runner = Applications
			.create(testDatabase, EventPublicationAutoConfiguration.class, TaskExecutionAutoConfiguration.class,
					modulith("jackson.JacksonEventSerializationConfiguration"),
					modulith("jdbc.JdbcEventPublicationAutoConfiguration"))
			.withPropertyValues("spring.modulith.events.jdbc.schema-initialization.enabled=false")
			.withBean(Rival.class, () -> this.rival);
	}

	private static Class<?> modulith(String name) {
		return ClassUtils.resolveClassName("org.springframework.modulith.events." + name, null);
	}

	/**
	 * As docs/compatibility.md says: without the index that CockroachDB refuses.
	 */
	private void createTables(String script) throws Exception {
		String statements = new ClassPathResource("org/springframework/modulith/events/jdbc/" + script)
			.getContentAsString(StandardCharsets.UTF_8);
		for (String statement : statements.split(";")) {
			if (!statement.isBlank()
					&& !(this.database.isCockroach() && statement.toLowerCase(Locale.ROOT).contains("using hash"))) {
				this.database.jdbc().sql(statement).update();
			}
		}
	}

	@Test
	@RequiresCockroach
	void theTablesThatSpringModulithMakesAreRefused() {
		this.runner.withPropertyValues("spring.modulith.events.jdbc.schema-initialization.enabled=true")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("USING hash"));
	}

	@ParameterizedTest
	@ValueSource(classes = { AnnotatedOrders.class, SpringsOrders.class })
	void aListenerIsRetriedAndItsPublicationCompleted(Class<? extends Orders> orders) {
		this.runner.withBean(orders)
			.withBean(ModuleListener.class)
			.withPropertyValues("crdb.transaction.retry-spring-transactional=true")
			.run((context) -> {
				context.getBean(Orders.class).place(7);
				ModuleListener listener = context.getBean(ModuleListener.class);
				assertThat(listener.called().await(30, TimeUnit.SECONDS)).isTrue();
				awaitCompletion();
				assertThat(mails()).containsExactly(7);
				assertThat(publications("IS NULL")).isZero();
				// The listener's conflict ran it again, that of the publisher did not
				// publish twice
				assertThat(publications("IS NOT NULL")).isOne();
				assertThat(this.rival.balance(1)).isEqualTo(1101);
				assertThat(this.rival.balance(2)).isEqualTo(1101);
			});
	}

	@Test
	void anEventOfATransactionThatFailedIsNotPublished() {
		this.runner.withBean(AnnotatedOrders.class).withBean(ModuleListener.class).run((context) -> {
			try {
				context.getBean(AnnotatedOrders.class).fail(8);
			}
			catch (IllegalStateException ex) {
				assertThat(ex).hasMessage("out of stock");
			}
			assertThat(publications("IS NULL") + publications("IS NOT NULL")).isZero();
		});
		assertThat(mails()).isEmpty();
	}

	@Test
	void theRemedyForAListenerThatWouldLoseItsWorkKeepsItAndIsRetried() {
		this.runner.withBean(AnnotatedOrders.class).withBean(MailListener.class).run((context) -> {
			context.getBean(Orders.class).place(9);
			assertThat(mails()).containsExactly(9);
			assertThat(this.rival.balance(2)).isEqualTo(1101);
		});
	}

	private void awaitCompletion() throws InterruptedException {
		for (int i = 0; i < 300 && publications("IS NULL") > 0; i++) {
			Thread.sleep(50);
		}
	}

	private int publications(String completion) {
		return this.database.jdbc()
			.sql("SELECT count(*) FROM event_publication WHERE completion_date " + completion)
			.query(Integer.class)
			.single();
	}

	private List<Integer> mails() {
		return this.database.jdbc().sql("SELECT id FROM mail").query(Integer.class).list();
	}

	/**
	 * An order that was placed.
	 *
	 * @param id its number
	 */
	public record OrderPlaced(int id) {

	}

	/**
	 * Publishes events.
	 */
	interface Orders {

		void place(int id);

	}

	/**
	 * Reads an account, has somebody else change it the first time, and writes it.
	 */
	static final class Conflict {

		private final JdbcClient jdbc;

		private final Rival rival;

		private boolean happened;

		Conflict(JdbcClient jdbc, Rival rival) {
			this.jdbc = jdbc;
			this.rival = rival;
		}

		void on(int account) {
			int balance = Rival.read(this.jdbc, account);
			if (!this.happened) {
				this.happened = true;
				this.rival.intervene(account);
			}
			Rival.write(this.jdbc, account, balance + 1);
		}

	}

	static class AnnotatedOrders implements Orders {

		private final ApplicationEventPublisher events;

		private final Conflict conflict;

		AnnotatedOrders(ApplicationEventPublisher events, JdbcClient jdbc, Rival rival) {
			this.events = events;
			this.conflict = new Conflict(jdbc, rival);
		}

		@Override
		@CrdbTransactional
		public void place(int id) {
			this.events.publishEvent(new OrderPlaced(id));
			this.conflict.on(1);
		}

		@CrdbTransactional
		void fail(int id) {
			this.events.publishEvent(new OrderPlaced(id));
			throw new IllegalStateException("out of stock");
		}

	}

	static class SpringsOrders implements Orders {

		private final ApplicationEventPublisher events;

		private final Conflict conflict;

		SpringsOrders(ApplicationEventPublisher events, JdbcClient jdbc, Rival rival) {
			this.events = events;
			this.conflict = new Conflict(jdbc, rival);
		}

		@Override
		@Transactional
		public void place(int id) {
			this.events.publishEvent(new OrderPlaced(id));
			this.conflict.on(1);
		}

	}

	static class ModuleListener {

		private final JdbcClient jdbc;

		private final Conflict conflict;

		private final CountDownLatch called = new CountDownLatch(2);

		ModuleListener(JdbcClient jdbc, Rival rival) {
			this.jdbc = jdbc;
			this.conflict = new Conflict(jdbc, rival);
		}

		CountDownLatch called() {
			return this.called;
		}

		@ApplicationModuleListener
		void on(OrderPlaced event) {
			this.called.countDown();
			this.jdbc.sql("INSERT INTO mail VALUES (?)").param(event.id()).update();
			this.conflict.on(2);
		}

	}

	static class MailListener {

		private final JdbcClient jdbc;

		private final Conflict conflict;

		MailListener(JdbcClient jdbc, Rival rival) {
			this.jdbc = jdbc;
			this.conflict = new Conflict(jdbc, rival);
		}

		@TransactionalEventListener
		@CrdbTransactional(nested = NestedTransactionPolicy.REQUIRES_NEW)
		void on(OrderPlaced event) {
			this.jdbc.sql("INSERT INTO mail VALUES (?)").param(event.id()).update();
			this.conflict.on(2);
		}

	}

}
