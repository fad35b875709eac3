package io.github.crdbspring.jpa;

import java.util.ArrayList;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.transaction.Conflicts;
import jakarta.persistence.PersistenceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Base for tests of Hibernate's multi-tenancy, with a pool of a tenant's that is no bean.
 */
@DatabaseTest
abstract class AbstractTenantTests {

	final List<Integer> attempts = new ArrayList<>();

	TestDatabase database;

	Conflicts conflicts;

	WireProxy proxy;

	HikariDataSource pool;

	@BeforeEach
	void createPool(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.conflicts = new Conflicts(testDatabase);
		this.proxy = testDatabase.proxy();
		this.pool = testDatabase.pool(2, this.proxy);
		this.pool.setConnectionTimeout(1_000);
	}

	@AfterEach
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	static void swallowADuplicate(JpaApplication application) {
		assertThatExceptionOfType(PersistenceException.class).isThrownBy(
				() -> application.entityManager.createNativeQuery("INSERT INTO account VALUES (1, 0)").executeUpdate());
	}

	void verifyNoConnectionIsLost() {
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

}
