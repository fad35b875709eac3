package io.github.crdbspring.stack;

import io.github.crdbspring.error.NestedTransactionRejectedException;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jooq.autoconfigure.JooqAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DuplicateKeyException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that use jOOQ, with the transaction API of its own among them.
 */
class JooqTests extends AbstractStackTests {

	private static final Table<Record> ACCOUNT = DSL.table(DSL.name("account"));

	private static final Field<Integer> ID = DSL.field(DSL.name("id"), SQLDataType.INTEGER);

	private static final Field<Integer> BALANCE = DSL.field(DSL.name("balance"), SQLDataType.INTEGER);

	private DSLContext dsl;

	private Accounts accounts;

	private Transactions transactions;

	JooqTests() {
		super(JooqConfiguration.class);
	}

	@BeforeEach
	void findBeans() {
		this.dsl = bean(DSLContext.class);
		this.accounts = bean(Accounts.class);
		this.transactions = bean(Transactions.class);
	}

	/**
	 * The edition that is open source has no other for CockroachDB.
	 */
	@Test
	void theDialectIsPostgres() {
		assertThat(this.dsl.dialect()).isEqualTo(SQLDialect.POSTGRES);
		assertThat(SQLDialect.values()).extracting(Enum::name).doesNotContain("COCKROACHDB");
	}

	@Test
	void aTransactionOfItsOwnIsASavepointInsideTheOuter() {
		proxy().clear();
		this.transactions.run(() -> this.dsl.transaction((configuration) -> this.accounts.write(1, 101)));
		assertThat(proxy().statements()).satisfiesExactly((begin) -> assertThat(begin).isEqualTo("BEGIN"),
				(savepoint) -> assertThat(savepoint).startsWith("SAVEPOINT"),
				(update) -> assertThat(update).startsWith("update"),
				(release) -> assertThat(release).startsWith("RELEASE SAVEPOINT"),
				(commit) -> assertThat(commit).isEqualTo("COMMIT"));
		assertThat(conflicts().balance(1)).isEqualTo(101);
	}

	@Test
	void aConflictInATransactionOfItsOwnRunsTheOutermostAgain() {
		this.transactions.run(() -> {
			this.accounts.write(2, this.accounts.read(2) + 1);
			this.dsl.transaction((configuration) -> addAfterLostUpdate(configuration.dsl()));
		});
		assertThat(attempts()).containsExactly(1, 2);
		assertThat(conflicts().balance(1)).isEqualTo(1105);
		assertThat(conflicts().balance(2)).isEqualTo(101);
	}

	@Test
	void aConflictAtCommitAfterATransactionOfItsOwnRunsTheOutermostAgain() {
		int read = this.transactions.get(() -> this.dsl.transactionResult((configuration) -> {
			int balance = this.accounts.read(1);
			Runnable write = () -> this.accounts.write(2, balance);
			if (attempt() == 1) {
				conflicts().writeSkew(1, 2, write);
			}
			else {
				write.run();
			}
			return balance;
		}));
		assertThat(attempts()).containsExactly(1, 2);
		assertThat(read).isEqualTo(1100);
		assertThat(conflicts().balance(2)).isEqualTo(1100);
	}

	/**
	 * CockroachDB cannot go on after a conflict; PostgreSQL can, once the savepoint has
	 * been rolled back to.
	 */
	@Test
	void aConflictThatIsSwallowedIsNotLost() {
		this.transactions.run(() -> {
			this.accounts.write(2, this.accounts.read(2) + 1);
			try {
				this.dsl.transaction((configuration) -> addAfterLostUpdate(configuration.dsl()));
			}
			catch (RuntimeException ex) {
				// Swallowing it is what is tested
			}
		});
		assertThat(conflicts().balance(2)).isEqualTo(101);
		if (database().isCockroach()) {
			assertThat(attempts()).containsExactly(1, 2);
			assertThat(conflicts().balance(1)).isEqualTo(1105);
		}
		else {
			assertThat(attempts()).containsExactly(1);
			assertThat(conflicts().balance(1)).isEqualTo(1100);
		}
	}

	@Test
	void anotherFailureUndoesATransactionOfItsOwnAlone() {
		this.transactions.run(() -> {
			attempt();
			this.accounts.write(1, 101);
			assertThatExceptionOfType(DuplicateKeyException.class)
				.isThrownBy(() -> this.dsl.transaction((configuration) -> {
					this.accounts.write(2, 102);
					this.accounts.insert(1, 0);
				}));
		});
		assertThat(attempts()).containsExactly(1);
		assertThat(conflicts().balance(1)).isEqualTo(101);
		assertThat(conflicts().balance(2)).isEqualTo(100);
	}

	@Test
	void aNestedCallInATransactionOfItsOwnJoins() {
		this.transactions.run(() -> this.dsl
			.transaction((configuration) -> this.transactions.run(() -> addAfterLostUpdate(configuration.dsl()))));
		assertThat(attempts()).containsExactly(1, 2);
		assertThat(conflicts().balance(1)).isEqualTo(1105);
	}

	@Test
	void aTransactionOfItsOwnWithoutAnOuterIsNotRetried() {
		assertThatExceptionOfType(ConcurrencyFailureException.class)
			.isThrownBy(() -> this.dsl.transaction((configuration) -> {
				int balance = this.accounts.read(1);
				conflicts().lostUpdate(1);
				this.accounts.write(1, balance + 5);
			}));
		assertThatExceptionOfType(NestedTransactionRejectedException.class).isThrownBy(
				() -> this.dsl.transaction((configuration) -> this.transactions.run(() -> this.accounts.write(1, 0))));
		assertThat(conflicts().balance(1)).isEqualTo(1100);
	}

	private void addAfterLostUpdate(DSLContext inner) {
		int balance = inner.select(BALANCE).from(ACCOUNT).where(ID.eq(1)).fetchSingle(BALANCE);
		if (attempt() == 1) {
			conflicts().lostUpdate(1);
		}
		inner.update(ACCOUNT).set(BALANCE, balance + 5).where(ID.eq(1)).execute();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JooqAutoConfiguration.class)
	static class JooqConfiguration {

		@Bean
		Accounts accounts(DSLContext dsl) {
			return new JooqAccounts(dsl);
		}

	}

	private record JooqAccounts(DSLContext dsl) implements Accounts {

		@Override
		public int read(int id) {
			return this.dsl.select(BALANCE).from(ACCOUNT).where(ID.eq(id)).fetchSingle(BALANCE);
		}

		@Override
		public void write(int id, int balance) {
			this.dsl.update(ACCOUNT).set(BALANCE, balance).where(ID.eq(id)).execute();
		}

		@Override
		public void insert(int id, int balance) {
			this.dsl.insertInto(ACCOUNT, ID, BALANCE).values(id, balance).execute();
		}

	}

}
