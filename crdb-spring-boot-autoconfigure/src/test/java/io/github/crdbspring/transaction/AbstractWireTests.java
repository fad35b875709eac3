package io.github.crdbspring.transaction;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * What tests have in common that look at what one connection sends: it is open before
 * they begin, and nothing of that is noted.
 */
@DatabaseTest
abstract class AbstractWireTests {

	static TestDatabase database;

	final WireProxy proxy = database.proxy();

	final TransactionFixture fixture = new TransactionFixture(new CrdbDataSource(database.pool(1, this.proxy)));

	@BeforeAll
	static void createTables(TestDatabase testDatabase) {
		database = testDatabase;
		new Conflicts(testDatabase);
	}

	@BeforeEach
	void connect() {
		this.fixture.jdbc.sql("SELECT 1").query(Integer.class).single();
		this.proxy.clear();
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

}
