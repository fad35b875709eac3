import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.provider.sql.DatabaseProduct;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.TableField;
import org.jooq.impl.CustomTable;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jooq.impl.UpdatableRecordImpl;
import org.springframework.batch.core.configuration.support.JdbcDefaultBatchConfiguration;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemReader;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;

abstract class Surroundings {

	DSLContext dsl;

	CrdbTransactionTemplate transactions;

	static final Account ACCOUNT = new Account();

	static class Account extends CustomTable<AccountRecord> {

		final TableField<AccountRecord, Integer> ID = createField(DSL.name("id"), SQLDataType.INTEGER);

		final TableField<AccountRecord, Integer> BALANCE = createField(DSL.name("balance"), SQLDataType.INTEGER);

		Account() {
			super(DSL.name("account"));
		}

		@Override
		public Class<AccountRecord> getRecordType() {
			return AccountRecord.class;
		}

	}

	static class AccountRecord extends UpdatableRecordImpl<AccountRecord> {

		AccountRecord() {
			super(ACCOUNT);
		}

		Integer getBalance() {
			return get(ACCOUNT.BALANCE);
		}

		void setBalance(Integer balance) {
			set(ACCOUNT.BALANCE, balance);
		}

	}

	interface Billing {

		void run();

	}

	Billing billing;

	record Order(long id) {

	}

	interface Importer {

		void write(Chunk<? extends Order> orders);

	}

	Importer importer;

	ItemReader<Order> reader;

	JobRepository jobRepository;

	PlatformTransactionManager transactionManager;

	DataSource dataSource;

	SchedulerFactoryBean factory;

	Properties properties;

}
