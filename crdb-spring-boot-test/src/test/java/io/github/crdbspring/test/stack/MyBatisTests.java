package io.github.crdbspring.test.stack;

import org.mybatis.spring.boot.test.autoconfigure.MybatisTest;

import org.springframework.beans.factory.annotation.Autowired;

/**
 * Tests for failures of transactions in which MyBatis sends the statements, and for the
 * test kit in its slice.
 */
@MybatisTest
class MyBatisTests extends StackTestBase {

	@Autowired
	private CurrencyMapper mapper;

	@Override
	void insert(String code) {
		inTransaction(() -> this.mapper.add(code));
	}

}
