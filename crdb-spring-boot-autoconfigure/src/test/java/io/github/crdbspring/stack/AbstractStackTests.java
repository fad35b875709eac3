package io.github.crdbspring.stack;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.error.NestedTransactionRejectedException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.error.UnsupportedTransactionOptionException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.PersistenceExceptionTranslationAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What must hold whichever library the methods of a transaction use. A subclass brings
 * the library's configuration, with a bean of type {@link Accounts}.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractStackTests {

	private final Class<?> configuration;

	private final List<Integer> attempts = new ArrayList<>();

	private TestDatabase database;

	private WireProxy proxy;

	private AnnotationConfigApplicationContext context;

	private Conflicts conflicts;

	private Transactions transactions;

	private Accounts accounts;

	AbstractStackTests(Class<?> configuration) {
		this.configuration = configuration;
	}

	@BeforeAll
	void start(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		this.proxy = testDatabase.proxy();
		this.context = new AnnotationConfigApplicationContext();
		TestPropertyValues
			.of("crdb.url=" + testDatabase.url(this.proxy), "crdb.transaction.max-attempts=3",
					"crdb.transaction.backoff.initial-interval=0", "spring.datasource.hikari.maximum-pool-size=3",
					"spring.datasource.hikari.minimum-idle=0")
			.applyTo(this.context);
		this.context.register(Spring.class, this.configuration);
		this.context.refresh();
		this.transactions = this.context.getBean(Transactions.class);
		this.accounts = this.context.getBean(Accounts.class);
	}

	@AfterAll
	void stop() throws Exception {
		this.context.close();
		this.proxy.close();
	}

	@BeforeEach
	void reset() {
		this.attempts.clear();
		this.conflicts.reset();
	}

	@Test
	void aConflictInAStatementIsRetried() {
		this.transactions.run(() -> addAfterLostUpdate(5));
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.conflicts.balance(1)).isEqualTo(1105);
	}

	@Test
	void aConflictAtCommitIsRetried() {
		int read = this.transactions.get(() -> {
			int balance = this.accounts.read(1);
			Runnable write = () -> this.accounts.write(2, balance);
			if (attempt() == 1) {
				this.conflicts.writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
			return balance;
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(read).isEqualTo(1100);
		assertThat(this.conflicts.balance(2)).isEqualTo(1100);
	}

	@Test
	void aConflictInANestedCallRunsTheOutermostAgain() {
		this.transactions.run(() -> {
			this.accounts.write(2, this.accounts.read(2) + 1);
			this.transactions.run(() -> addAfterLostUpdate(5));
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		assertThat(this.conflicts.balance(2)).isEqualTo(101);
	}

	@Test
	void aPlainTransactionalMethodJoins() {
		this.transactions.run(() -> {
			this.accounts.write(2, this.accounts.read(2) + 1);
			this.transactions.plain(() -> addAfterLostUpdate(5));
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.conflicts.balance(2)).isEqualTo(101);
	}

	@Test
	void insideAForeignTransactionItIsRejected() {
		assertThatExceptionOfType(NestedTransactionRejectedException.class)
			.isThrownBy(() -> this.transactions.plain(() -> this.transactions.run(this::attempt)));
		assertThat(this.attempts).isEmpty();
	}

	@Test
	void readOnlyReachesTheServer() {
		this.proxy.clear();
		assertThat(this.transactions.<Integer>readOnly(() -> this.accounts.read(1))).isEqualTo(100);
		assertThat(this.proxy.statements()).first().isEqualTo("BEGIN READ ONLY");
		assertThatException().isThrownBy(() -> this.transactions.readOnly(() -> {
			attempt();
			this.accounts.insert(3, 0);
			return 0;
		})).withStackTraceContaining("read-only transaction");
		assertThat(this.attempts).containsExactly(1);
	}

	@Test
	void aSystemTimeReadsThePast() {
		if (!this.database.isCockroach()) {
			assertThatExceptionOfType(UnsupportedTransactionOptionException.class)
				.isThrownBy(() -> this.transactions.asOf("-1s", this::attempt));
			return;
		}
		String then = this.database.jdbc().sql("SELECT cluster_logical_timestamp()").query(String.class).single();
		this.transactions.run(() -> this.accounts.write(1, this.accounts.read(1) + 5));
		assertThat(this.transactions.<Integer>asOf(then, () -> this.accounts.read(1))).isEqualTo(100);
		assertThat(this.transactions.<Integer>get(() -> this.accounts.read(1))).isEqualTo(105);
	}

	@Test
	void aSwallowedErrorIsNoSuccess() {
		assertThatExceptionOfType(SilentRollbackException.class).isThrownBy(() -> this.transactions.run(() -> {
			attempt();
			swallowedDuplicate();
		})).withStackTraceContaining("duplicate key");
		assertThat(this.attempts).containsExactly(1);
		assertThat(this.conflicts.balance(2)).isEqualTo(100);
	}

	@Test
	void aSwallowedErrorIsNoSuccessInAPlainTransactionEither() {
		assertThatException().isThrownBy(() -> this.transactions.plain(this::swallowedDuplicate))
			.withStackTraceContaining(plainRollback().getName());
		assertThat(this.conflicts.balance(2)).isEqualTo(100);
	}

	@Test
	void anUnknownOutcomeIsReported() {
		assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> this.transactions.run(() -> {
			this.accounts.write(1, this.accounts.read(1) + attempt());
			this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
		}));
		assertThat(this.attempts).containsExactly(1);
		assertThat(this.conflicts.balance(1)).isEqualTo(101);
	}

	@Test
	void aConnectionLostBeforeCommitIsRetried() {
		this.transactions.run(() -> {
			int balance = this.accounts.read(1);
			if (attempt() == 1) {
				this.proxy.cutAll();
			}
			this.accounts.write(1, balance + 5);
		});
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.conflicts.balance(1)).isEqualTo(105);
	}

	/**
	 * Return a bean of the configuration under test.
	 * @param type its type
	 * @return the bean
	 */
	final <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * Return what a plain transaction ends in when a SQL error was swallowed in it. Some
	 * libraries notice that before COMMIT is sent.
	 */
	Class<? extends Exception> plainRollback() {
		return FailedTransactionCommitException.class;
	}

	final TestDatabase database() {
		return this.database;
	}

	final WireProxy proxy() {
		return this.proxy;
	}

	final Conflicts conflicts() {
		return this.conflicts;
	}

	final List<Integer> attempts() {
		return this.attempts;
	}

	final int attempt() {
		int number = TransactionAttempt.current().orElseThrow().number();
		this.attempts.add(number);
		return number;
	}

	private void addAfterLostUpdate(int amount) {
		int balance = this.accounts.read(1);
		if (attempt() == 1) {
			this.conflicts.lostUpdate(1);
		}
		this.accounts.write(1, balance + amount);
	}

	private void swallowedDuplicate() {
		this.accounts.write(2, this.accounts.read(2) + 1);
		try {
			this.accounts.insert(1, 0);
		}
		catch (RuntimeException ex) {
			// Swallowing it is what is tested
		}
	}

	/**
	 * What every application has.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			JdbcClientAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			PersistenceExceptionTranslationAutoConfiguration.class, TransactionAutoConfiguration.class })
	@Import(Transactions.class)
	static class Spring {

	}

}
