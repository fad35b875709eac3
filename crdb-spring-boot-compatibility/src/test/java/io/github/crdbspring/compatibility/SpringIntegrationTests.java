package io.github.crdbspring.compatibility;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.ForgedError;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.RequiresCockroach;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireFault;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.jdbc.metadata.JdbcMetadataStore;
import org.springframework.integration.jdbc.store.JdbcChannelMessageStore;
import org.springframework.integration.jdbc.store.JdbcMessageStore;
import org.springframework.integration.jdbc.store.channel.DerbyChannelMessageStoreQueryProvider;
import org.springframework.integration.jdbc.store.channel.PostgresChannelMessageStoreQueryProvider;
import org.springframework.integration.store.MessageGroupQueue;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for Spring Integration's locks, messages and metadata in the database.
 */
@DatabaseTest
class SpringIntegrationTests {

	private TestDatabase database;

	private Rival rival;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.rival = new Rival(testDatabase);
		this.rival.reset();
		Applications.createTables(testDatabase, "int_lock",
				"org/springframework/integration/jdbc/schema-postgresql.sql");
		List.of("lock", "message", "channel_message", "metadata_store")
			.forEach((table) -> testDatabase.jdbc().sql("DELETE FROM int_" + table).update());
		this.runner = Applications.withTestKit(testDatabase).withUserConfiguration(Stores.class);
	}

	@Test
	@InjectRetries
	void aLockIsHeldAroundAllAttempts() {
		this.runner.run((context) -> {
			JdbcLockRegistry locks = context.getBean(JdbcLockRegistry.class);
			TransactionalWork work = context.getBean(TransactionalWork.class);
			List<Boolean> free = new ArrayList<>();
			locks.executeLocked("account", () -> work.annotated(() -> {
				free.add(isFree(context, "account"));
				return add(context, 5);
			}));
			assertThat(free).containsExactly(false, false);
			assertThat(this.rival.balance(1)).isEqualTo(105);
			assertThat(isFree(context, "account")).isTrue();
		});
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "UPDATE account")
	void aLockInsideOfATransactionIsTakenByEachAttempt() {
		this.runner.run((context) -> {
			JdbcLockRegistry locks = context.getBean(JdbcLockRegistry.class);
			List<Boolean> free = new ArrayList<>();
			context.getBean(TransactionalWork.class).annotated(() -> locks.executeLocked("account", () -> {
				free.add(isFree(context, "account"));
				return add(context, 5);
			}));
			assertThat(free).containsExactly(false, false);
			assertThat(this.rival.balance(1)).isEqualTo(105);
			assertThat(isFree(context, "account")).isTrue();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "40003", "cut" })
	void aFailureAtTheCommitOfALockIsNoLock(String failure) throws Exception {
		try (WireProxy proxy = this.database.proxy()) {
			WireFault fault = failure.equals("cut") ? WireProxy.Fault.CUT_AFTER : ForgedError.of(failure);
			this.runner.withPropertyValues("crdb.url=" + this.database.url(proxy)).run((context) -> {
				DistributedLock lock = context.getBean(JdbcLockRegistry.class).obtain("account");
				proxy.failNext("COMMIT", fault);
				assertThat(lock.tryLock(10, TimeUnit.SECONDS)).isTrue();
				assertThat(isFree(context, "account")).isFalse();
				lock.unlock();
				assertThat(isFree(context, "account")).isTrue();
			});
		}
	}

	@Test
	void instancesTakeTurns() {
		this.runner.run((context) -> {
			ExecutorService threads = Executors.newFixedThreadPool(4);
			try {
				List<Callable<Integer>> instances = new ArrayList<>();
				for (int i = 0; i < 4; i++) {
					JdbcLockRegistry locks = anotherInstance(context);
					instances.add(() -> {
						for (int turn = 0; turn < 5; turn++) {
							locks.executeLocked("account", () -> add(context, 1));
						}
						return 5;
					});
				}
				for (Future<Integer> instance : threads.invokeAll(instances)) {
					instance.get(60, TimeUnit.SECONDS);
				}
			}
			finally {
				threads.shutdownNow();
			}
			assertThat(this.rival.balance(1)).isEqualTo(120);
		});
	}

	@Test
	void aLockThatIsHeldIsAnErrorWithoutThatQuery() {
		this.runner.run((context) -> context.getBean(JdbcLockRegistry.class).executeLocked("account", () -> {
			DefaultLockRepository repository = new DefaultLockRepository(context.getBean(DataSource.class));
			repository.setTransactionManager(context.getBean(PlatformTransactionManager.class));
			repository.afterPropertiesSet();
			repository.afterSingletonsInstantiated();
			assertThatException().isThrownBy(() -> new JdbcLockRegistry(repository).obtain("account").tryLock())
				.withStackTraceContaining("COMMIT was not sent");
		}));
	}

	@Test
	@InjectRetries
	void messagesAreStoredAndTakenOnce() {
		this.runner.run((context) -> {
			QueueChannel channel = context.getBean(QueueChannel.class);
			JdbcMessageStore messages = context.getBean(JdbcMessageStore.class);
			TransactionalWork work = context.getBean(TransactionalWork.class);
			Message<String> message = new GenericMessage<>("hello");
			work.annotated(() -> channel.send(message) && messages.addMessage(message) != null);
			assertThat(channel.getQueueSize()).isOne();
			assertThat(messages.getMessageCount()).isOne();
			List<Object> received = new ArrayList<>();
			work.annotated(() -> received.add(channel.receive(1000).getPayload()) && add(context, 5) > 0);
			assertThat(received).as("the same message by each attempt").containsExactly("hello", "hello");
			assertThat(channel.getQueueSize()).isZero();
			assertThat(this.rival.balance(1)).isEqualTo(105);
		});
	}

	@Test
	@InjectRetries(transaction = "JdbcMetadataStore.putIfAbsent")
	void metadataArePutInTransactionsThatAreRetried() {
		this.runner.run((context) -> {
			JdbcMetadataStore metadata = context.getBean(JdbcMetadataStore.class);
			assertThat(metadata.putIfAbsent("file", "1")).isNull();
			assertThat(metadata.putIfAbsent("file", "2")).isEqualTo("1");
			assertThat(metadata.get("file")).isEqualTo("1");
		});
	}

	@Test
	@RequiresCockroach
	void thePollOfPostgresIsRefused() {
		this.runner.withPropertyValues("postgres-poll=true")
			.run((context) -> assertThatException().isThrownBy(() -> context.getBean(QueueChannel.class).receive(1))
				.withStackTraceContaining("ctid"));
	}

	private int add(ApplicationContext context, int amount) {
		var jdbc = context.getBean(JdbcClient.class);
		int balance = Rival.read(jdbc, 1);
		Rival.write(jdbc, 1, balance + amount);
		return balance;
	}

	/**
	 * Whether another instance gets a lock.
	 */
	private static boolean isFree(ApplicationContext context, String name) {
		DistributedLock lock = anotherInstance(context).obtain(name);
		boolean free = lock.tryLock();
		if (free) {
			lock.unlock();
		}
		return free;
	}

	private static JdbcLockRegistry anotherInstance(ApplicationContext context) {
		DefaultLockRepository repository = repository(context.getBean(DataSource.class));
		repository.setTransactionManager(context.getBean(PlatformTransactionManager.class));
		repository.afterPropertiesSet();
		repository.afterSingletonsInstantiated();
		return new JdbcLockRegistry(repository);
	}

	/**
	 * As Spring Integration wants it for PostgreSQL, whose transactions cannot go on
	 * after an error either: it takes a duplicate key for the answer that the lock is
	 * held, and commits.
	 */
	private static DefaultLockRepository repository(DataSource dataSource) {
		DefaultLockRepository repository = new DefaultLockRepository(dataSource);
		repository.setInsertQuery(repository.getInsertQuery() + " ON CONFLICT DO NOTHING");
		return repository;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableIntegration
	static class Stores {

		@Bean
		DefaultLockRepository lockRepository(DataSource dataSource) {
			return repository(dataSource);
		}

		@Bean
		JdbcLockRegistry locks(DefaultLockRepository repository) {
			return new JdbcLockRegistry(repository);
		}

		@Bean
		JdbcMessageStore messages(DataSource dataSource) {
			JdbcMessageStore store = new JdbcMessageStore(dataSource);
			store.addAllowedPatterns("*");
			return store;
		}

		@Bean
		JdbcMetadataStore metadata(DataSource dataSource) {
			return new JdbcMetadataStore(dataSource);
		}

		@Bean
		JdbcChannelMessageStore channelStore(DataSource dataSource, Environment environment) {
			JdbcChannelMessageStore store = new JdbcChannelMessageStore(dataSource);
			// As docs/compatibility.md says: Derby's is standard SQL
			store.setChannelMessageStoreQueryProvider(environment.getProperty("postgres-poll", Boolean.class, false)
					? new PostgresChannelMessageStoreQueryProvider() : new DerbyChannelMessageStoreQueryProvider());
			return store;
		}

		@Bean
		QueueChannel channel(JdbcChannelMessageStore store) {
			return new QueueChannel(new MessageGroupQueue(store, "group"));
		}

	}

}
