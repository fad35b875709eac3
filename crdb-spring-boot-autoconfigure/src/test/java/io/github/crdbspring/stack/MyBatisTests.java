package io.github.crdbspring.stack;

import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;
import org.apache.ibatis.session.ExecutorType;
import org.apache.ibatis.session.SqlSessionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mybatis.spring.SqlSessionTemplate;
import org.mybatis.spring.boot.autoconfigure.MybatisAutoConfiguration;
import org.mybatis.spring.mapper.MapperFactoryBean;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.TransientDataAccessResourceException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that use MyBatis: the session of each attempt, and statements
 * that are sent as late as before COMMIT.
 */
class MyBatisTests extends AbstractStackTests {

	private AccountMapper mapper;

	private AccountMapper batchMapper;

	private Transactions transactions;

	MyBatisTests() {
		super(MyBatisConfiguration.class);
	}

	@BeforeEach
	void findBeans() {
		this.mapper = bean(SqlSessionFactory.class).getConfiguration()
			.getMapper(AccountMapper.class, bean(SqlSessionTemplate.class));
		this.batchMapper = bean(SqlSessionFactory.class).getConfiguration()
			.getMapper(AccountMapper.class, new SqlSessionTemplate(bean(SqlSessionFactory.class), ExecutorType.BATCH));
		this.transactions = bean(Transactions.class);
	}

	@Test
	void whatAnAttemptHasCachedDoesNotReachTheNext() {
		proxy().clear();
		int read = this.transactions.get(() -> {
			int balance = this.mapper.read(1);
			assertThat(this.mapper.read(1)).as("cached").isEqualTo(balance);
			if (attempt() == 1) {
				conflicts().lostUpdate(1);
			}
			this.mapper.write(1, balance + 5);
			return balance;
		});
		assertThat(attempts()).containsExactly(1, 2);
		assertThat(read).isEqualTo(1100);
		assertThat(proxy().statements()).filteredOn((sql) -> sql.startsWith("SELECT balance")).hasSize(2);
	}

	@Test
	void aConflictOfABatchThatIsSentBeforeCommitIsRetried() {
		this.transactions.run(() -> {
			int balance = this.batchMapper.read(1);
			proxy().clear();
			this.batchMapper.write(1, balance + 5);
			this.batchMapper.write(2, 105);
			assertThat(proxy().statements()).as("sent by now").isEmpty();
			if (attempt() == 1) {
				conflicts().lostUpdate(1);
			}
		});
		assertThat(attempts()).containsExactly(1, 2);
		assertThat(conflicts().balance(1)).isEqualTo(1105);
		assertThat(conflicts().balance(2)).isEqualTo(105);
	}

	@Test
	void aTransactionHasOneTypeOfExecutor() {
		assertThatExceptionOfType(TransientDataAccessResourceException.class)
			.isThrownBy(() -> this.transactions.run(() -> {
				attempt();
				this.mapper.read(1);
				this.batchMapper.write(1, 0);
			}))
			.withMessageContaining("ExecutorType");
		assertThat(attempts()).containsExactly(1);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(MybatisAutoConfiguration.class)
	static class MyBatisConfiguration {

		@Bean
		MapperFactoryBean<AccountMapper> accountMapper(SqlSessionTemplate sqlSessionTemplate) {
			MapperFactoryBean<AccountMapper> factory = new MapperFactoryBean<>(AccountMapper.class);
			factory.setSqlSessionTemplate(sqlSessionTemplate);
			return factory;
		}

	}

	/**
	 * A mapper as an application has it.
	 */
	interface AccountMapper extends Accounts {

		@Override
		@Select("SELECT balance FROM account WHERE id = #{id}")
		int read(@Param("id") int id);

		@Override
		@Update("UPDATE account SET balance = #{balance} WHERE id = #{id}")
		void write(@Param("id") int id, @Param("balance") int balance);

		@Override
		@Insert("INSERT INTO account VALUES (#{id}, #{balance})")
		void insert(@Param("id") int id, @Param("balance") int balance);

	}

}
