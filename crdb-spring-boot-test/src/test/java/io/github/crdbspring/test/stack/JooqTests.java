package io.github.crdbspring.test.stack;

import org.jooq.DSLContext;
import org.jooq.impl.DSL;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jooq.test.autoconfigure.JooqTest;

/**
 * Tests for failures of transactions in which jOOQ sends the statements.
 */
@JooqTest(properties = "spring.jooq.sql-dialect=POSTGRES")
class JooqTests extends StackTestBase {

	@Autowired
	private DSLContext dsl;

	@Override
	void insert(String code) {
		inTransaction(() -> this.dsl.insertInto(DSL.table("currency"), DSL.field("code", String.class))
			.values(code)
			.execute());
	}

}
