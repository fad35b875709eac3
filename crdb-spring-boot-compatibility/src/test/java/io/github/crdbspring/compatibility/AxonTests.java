package io.github.crdbspring.compatibility;

import java.util.List;

import javax.sql.DataSource;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.common.jdbc.UnitOfWorkAwareConnectionProviderWrapper;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.Configuration;
import org.axonframework.config.DefaultConfigurer;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.eventsourcing.eventstore.jdbc.JdbcEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jdbc.PostgresEventTableFactory;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.axonframework.serialization.json.JacksonSerializer;
import org.axonframework.spring.jdbc.SpringDataSourceConnectionProvider;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for Axon's event store in the database.
 */
@DatabaseTest
class AxonTests {

	@Test
	@InjectRetries
	void aCommandInsideOfATransactionStoresItsEventsOnce(TestDatabase database) {
		run(database, (axon, work) -> {
			CommandGateway commands = axon.commandGateway();
			work.annotated(() -> commands.sendAndWait(new Open("betty")));
			work.annotated(() -> commands.sendAndWait(new Deposit("betty", 5)));
			work.annotated(() -> commands.sendAndWait(new Deposit("betty", 7)));
			assertThat(sequenceNumbers(database)).containsExactly(0, 1, 2);
			assertThat(axon.eventStore().readEvents("betty").asStream().map((event) -> event.getPayload()).toList())
				.isEqualTo(List.of(new Opened("betty", 2), new Deposited(5, 5), new Deposited(7, 12)));
		});
	}

	/**
	 * Axon rolls the connection back before the exception gets here, so that the
	 * transaction has been ended by somebody else.
	 */
	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "INSERT INTO DomainEventEntry")
	void aConflictWhileEventsAreStoredReachesTheCallerAndNothingIsStored(TestDatabase database) {
		run(database, (axon, work) -> {
			CommandGateway commands = axon.commandGateway();
			assertThatException().isThrownBy(() -> work.annotated(() -> commands.sendAndWait(new Open("betty"))))
				.withStackTraceContaining("injected by the test");
			assertThat(sequenceNumbers(database)).isEmpty();
		});
	}

	private static List<Integer> sequenceNumbers(TestDatabase database) {
		return database.jdbc()
			.sql("SELECT sequenceNumber FROM DomainEventEntry ORDER BY globalIndex")
			.query(Integer.class)
			.list();
	}

	private static void run(TestDatabase database, AxonTest test) {
		Applications.withTestKit(database).run((context) -> {
			database.jdbc().sql("DROP TABLE IF EXISTS DomainEventEntry").update();
			database.jdbc().sql("DROP TABLE IF EXISTS SnapshotEventEntry").update();
			Configuration axon = axon(context);
			axon.start();
			try {
				test.run(axon, context.getBean(TransactionalWork.class));
			}
			finally {
				axon.shutdown();
			}
		});
	}

	private static Configuration axon(ApplicationContext context) {
		TransactionManager transactions = new SpringTransactionManager(
				context.getBean(PlatformTransactionManager.class));
		JacksonSerializer serializer = JacksonSerializer.builder().objectMapper(new ObjectMapper()).build();
		JdbcEventStorageEngine events = JdbcEventStorageEngine.builder()
			.connectionProvider(new UnitOfWorkAwareConnectionProviderWrapper(
					new SpringDataSourceConnectionProvider(context.getBean(DataSource.class))))
			.transactionManager(transactions)
			.eventSerializer(serializer)
			.snapshotSerializer(serializer)
			.build();
		events.createSchema(PostgresEventTableFactory.INSTANCE);
		return DefaultConfigurer.defaultConfiguration()
			.configureTransactionManager((configuration) -> transactions)
			.configureSerializer((configuration) -> serializer)
			.configureEmbeddedEventStore((configuration) -> events)
			.configureAggregate(AggregateConfigurer.defaultConfiguration(Account.class))
			.buildConfiguration();
	}

	record Open(@TargetAggregateIdentifier String owner) {

	}

	record Deposit(@TargetAggregateIdentifier String owner, int amount) {

	}

	record Opened(String owner, int attempt) {

	}

	record Deposited(int amount, int balance) {

	}

	static class Account {

		@AggregateIdentifier
		private String owner;

		private int balance;

		Account() {
		}

		@CommandHandler
		Account(Open command) {
			AggregateLifecycle.apply(new Opened(command.owner(), TransactionAttempt.current().orElseThrow().number()));
		}

		@CommandHandler
		void handle(Deposit command) {
			AggregateLifecycle.apply(new Deposited(command.amount(), this.balance + command.amount()));
		}

		@EventSourcingHandler
		void on(Opened event) {
			this.owner = event.owner();
		}

		@EventSourcingHandler
		void on(Deposited event) {
			this.balance = event.balance();
		}

	}

	private interface AxonTest {

		void run(Configuration axon, TransactionalWork work) throws Exception;

	}

}
