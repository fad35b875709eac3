package io.github.crdbspring.stack;

import io.github.crdbspring.data.JooqRecordUndo;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.Conflicts;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jooq.DSLContext;
import org.jooq.TableField;
import org.jooq.UniqueKey;
import org.jooq.impl.DSL;
import org.jooq.impl.Internal;
import org.jooq.impl.SQLDataType;
import org.jooq.impl.TableImpl;
import org.jooq.impl.UpdatableRecordImpl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jooq.autoconfigure.JooqAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link JooqRecordUndo}, and jOOQ's records that are read in each attempt.
 */
@DatabaseTest
class JooqRecordTests {

	private TestDatabase database;

	private Conflicts conflicts;

	@BeforeEach
	void reset(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
	}

	@Test
	void aRecordThatIsReadInEachAttemptIsStored() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.database, JooqConfiguration.class)) {
			DSLContext dsl = context.getBean(DSLContext.class);
			context.getBean(Transactions.class).run(() -> {
				AccountRecord account = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(1));
				account.set(AccountTable.BALANCE, account.get(AccountTable.BALANCE) + 5);
				if (TransactionAttempt.current().orElseThrow().number() == 1) {
					this.conflicts.lostUpdate(1);
				}
				assertThat(account.store()).isOne();
			});
			assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		}
	}

	@Test
	void aRecordFromOutsideIsStoredByTheSecondAttempt() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.database, JooqConfiguration.class)) {
			DSLContext dsl = context.getBean(DSLContext.class);
			AccountRecord account = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(2));
			account.set(AccountTable.BALANCE, 105);
			inAttempts(context, () -> assertThat(account.store()).isOne());
			assertThat(this.conflicts.balance(2)).isEqualTo(105);
			assertThat(account.changed()).isFalse();
		}
	}

	@Test
	void aNewRecordFromOutsideIsInsertedByTheSecondAttempt() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.database, JooqConfiguration.class)) {
			DSLContext dsl = context.getBean(DSLContext.class);
			AccountRecord account = newAccount(dsl, 3);
			AccountRecord other = newAccount(dsl, 4);
			inAttempts(context, () -> {
				assertThat(account.store()).isOne();
				dsl.batchStore(other).execute();
			});
			assertThat(this.conflicts.balance(3)).isEqualTo(7);
			assertThat(this.conflicts.balance(4)).isEqualTo(7);
		}
	}

	@Test
	void aRecordFromOutsideIsDeletedByTheSecondAttempt() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.database, JooqConfiguration.class)) {
			DSLContext dsl = context.getBean(DSLContext.class);
			AccountRecord account = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(2));
			inAttempts(context, () -> assertThat(account.delete()).isOne());
			assertThat(dsl.fetchCount(AccountTable.ACCOUNT)).isOne();
		}
	}

	@Test
	void aRecordIsAsItWasWhenTheCallFails() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.database, JooqConfiguration.class)) {
			DSLContext dsl = context.getBean(DSLContext.class);
			AccountRecord account = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(2));
			account.set(AccountTable.BALANCE, 105);
			assertThatIllegalStateException().isThrownBy(() -> context.getBean(Transactions.class).run(() -> {
				account.store();
				account.set(AccountTable.BALANCE, 110);
				account.store();
				throw new IllegalStateException("after storing");
			}));
			assertThat(account.get(AccountTable.BALANCE)).isEqualTo(105);
			assertThat(account.original(AccountTable.BALANCE)).isEqualTo(100);
			assertThat(account.changed(AccountTable.ID)).isFalse();
			assertThat(account.store()).isOne();
			assertThat(this.conflicts.balance(2)).isEqualTo(105);
		}
	}

	private static AccountRecord newAccount(DSLContext dsl, int id) {
		AccountRecord account = dsl.newRecord(AccountTable.ACCOUNT);
		account.set(AccountTable.ID, id);
		account.set(AccountTable.BALANCE, 7);
		return account;
	}

	/**
	 * Have the first attempt fail with 40001, once the work is done.
	 */
	private void inAttempts(AnnotationConfigApplicationContext context, Runnable work) {
		DSLContext dsl = context.getBean(DSLContext.class);
		context.getBean(Transactions.class).run(() -> {
			work.run();
			AccountRecord other = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(1));
			if (TransactionAttempt.current().orElseThrow().number() == 1) {
				this.conflicts.lostUpdate(1);
			}
			other.set(AccountTable.BALANCE, 5);
			other.store();
		});
		assertThat(this.conflicts.balance(1)).isEqualTo(5);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JooqAutoConfiguration.class)
	static class JooqConfiguration {

	}

	/**
	 * The table, as jOOQ's code generator writes it.
	 */
	@SuppressWarnings("serial")
	static class AccountTable extends TableImpl<AccountRecord> {

		static final AccountTable ACCOUNT = new AccountTable();

		static final TableField<AccountRecord, Integer> ID = createField(DSL.name("id"), SQLDataType.INTEGER, ACCOUNT);

		static final TableField<AccountRecord, Integer> BALANCE = createField(DSL.name("balance"), SQLDataType.INTEGER,
				ACCOUNT);

		AccountTable() {
			super(DSL.name("account"));
		}

		@Override
		public Class<AccountRecord> getRecordType() {
			return AccountRecord.class;
		}

		@Override
		public UniqueKey<AccountRecord> getPrimaryKey() {
			return Internal.createUniqueKey(this, DSL.name("account_pkey"), ID);
		}

	}

	/**
	 * A row of it.
	 */
	@SuppressWarnings("serial")
	static class AccountRecord extends UpdatableRecordImpl<AccountRecord> {

		AccountRecord() {
			super(AccountTable.ACCOUNT);
		}

	}

}
