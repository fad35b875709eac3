package io.github.crdbspring.transaction;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * Tests that need accounts: each test finds them as they were.
 */
@DatabaseTest
abstract class AccountTests {

	static TestDatabase database;

	static Conflicts conflicts;

	@BeforeAll
	static void createTables(TestDatabase testDatabase) {
		database = testDatabase;
		conflicts = new Conflicts(testDatabase);
	}

	@BeforeEach
	void resetAccounts() {
		conflicts.reset();
	}

}
