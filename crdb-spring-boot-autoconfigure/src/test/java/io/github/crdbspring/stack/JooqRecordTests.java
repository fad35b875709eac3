package io.github.crdbspring.stack;

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

/**
 * Tests for jOOQ's records, which keep what a failed attempt did to them.
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

	/**
	 * It believes that it is stored.
	 */
	@Test
	void aRecordFromOutsideIsNotStoredByTheSecondAttempt() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.database, JooqConfiguration.class)) {
			DSLContext dsl = context.getBean(DSLContext.class);
			AccountRecord account = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(2));
			account.set(AccountTable.BALANCE, 105);
			context.getBean(Transactions.class).run(() -> {
				boolean first = TransactionAttempt.current().orElseThrow().number() == 1;
				assertThat(account.store()).isEqualTo(first ? 1 : 0);
				AccountRecord other = dsl.fetchSingle(AccountTable.ACCOUNT, AccountTable.ID.eq(1));
				if (first) {
					this.conflicts.lostUpdate(1);
				}
				other.set(AccountTable.BALANCE, 5);
				other.store();
			});
			assertThat(this.conflicts.balance(1)).isEqualTo(5);
			assertThat(this.conflicts.balance(2)).isEqualTo(100);
		}
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
