package io.github.crdbspring.actuate;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.error.CockroachRequiredException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.RestartableServer;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.url.CrdbUrl;
import org.apache.commons.dbcp2.BasicDataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbHealthIndicator}.
 */
@DatabaseTest
class CrdbHealthIndicatorTests {

	private static TestDatabase database;

	@BeforeAll
	static void keepDatabase(TestDatabase testDatabase) {
		database = testDatabase;
	}

	@Test
	void showsTheServerAndItsNode() {
		Health health = indicator(database.pool(1), 5_000).health();
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		if (database.isCockroach()) {
			assertThat(health.getDetails()).containsEntry("vendor", "CockroachDB").containsEntry("nodeId", "1");
		}
		else {
			assertThat(health.getDetails()).containsEntry("vendor", "PostgreSQL").doesNotContainKey("nodeId");
		}
	}

	@Test
	void takesOneRoundTripEvenWhereThePoolDoesNotCommitAutomatically() throws Exception {
		try (WireProxy proxy = database.proxy()) {
			HikariDataSource pool = database.pool(1, proxy);
			pool.setAutoCommit(false);
			CrdbHealthIndicator indicator = indicator(pool, 5_000);
			assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
			proxy.clear();
			assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
			assertThat(proxy.statements()).hasSize(1);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void leavesAConnectionAsItWasWhateverThePool(boolean autoCommit) throws Exception {
		CrdbUrl url = CrdbUrl.parse(database.url());
		try (BasicDataSource pool = new BasicDataSource()) {
			pool.setUrl(url.jdbcUrl());
			pool.setUsername(url.username());
			pool.setPassword(url.password());
			pool.setMaxTotal(1);
			pool.setDefaultAutoCommit(autoCommit);
			pool.setAutoCommitOnReturn(false);
			pool.setRollbackOnReturn(false);
			CrdbDataSource dataSource = new CrdbDataSource(pool);
			assertThat(new CrdbHealthIndicator(dataSource, Duration.ofSeconds(5)).health().getStatus())
				.isEqualTo(Status.UP);
			try (Connection connection = dataSource.getConnection()) {
				assertThat(connection.getNetworkTimeout()).isZero();
				assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
			}
		}
	}

	@Test
	void onceTheServerIsKnownInfoWaitsForNobody() {
		CrdbDataSource dataSource = new CrdbDataSource(database.pool(1));
		DataSourceInfo info = new DataSourceInfo(dataSource, Duration.ofSeconds(5));
		dataSource.getServerInfo();
		Thread.currentThread().interrupt();
		try {
			assertThat(info.describe().server()).containsEntry("vendor", database.serverInfo().vendor());
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
	}

	@Test
	void followsAServerThatIsStoppedAndStartedAgain() throws Exception {
		try (RestartableServer server = new RestartableServer()) {
			CrdbUrl url = CrdbUrl.parse(server.start());
			try (HikariDataSource pool = new HikariDataSource()) {
				pool.setJdbcUrl(url.jdbcUrl());
				pool.setUsername(url.username());
				pool.setConnectionTimeout(1_000);
				CrdbHealthIndicator indicator = indicator(pool, 5_000);
				assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
				server.stop();
				Health down = indicator.health();
				assertThat(down.getStatus()).isEqualTo(Status.DOWN);
				assertThat(down.getDetails().get("error")).asString().isNotBlank();
				server.start();
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.untilAsserted(() -> assertThat(indicator.health().getStatus()).isEqualTo(Status.UP));
			}
		}
	}

	@Test
	void recoversFromABrokenConnection() throws Exception {
		try (WireProxy proxy = database.proxy()) {
			CrdbHealthIndicator indicator = indicator(database.pool(1, proxy), 5_000);
			indicator.health();
			proxy.cutAll();
			Awaitility.await().until(() -> indicator.health().getStatus().equals(Status.UP));
		}
	}

	@Test
	void isDownInTimeWhenThePoolIsExhausted() throws Exception {
		HikariDataSource pool = database.pool(1);
		CrdbHealthIndicator indicator = indicator(pool, 200);
		try (Connection held = pool.getConnection()) {
			assertThat(held.isValid(1)).isTrue();
			assertThat(indicator.health().getDetails().get("error")).asString()
				.startsWith("No answer within 200ms: of 1 connections 1 are in use");
		}
		Awaitility.await().until(() -> indicator.health().getStatus().equals(Status.UP));
	}

	@Test
	void saysSoWhenThePoolGivesUpFirst() throws Exception {
		HikariDataSource pool = database.pool(1);
		pool.setConnectionTimeout(250);
		CrdbHealthIndicator indicator = indicator(pool, 5_000);
		try (Connection held = pool.getConnection()) {
			assertThat(held.isValid(1)).isTrue();
			Health health = indicator.health();
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails().get("error")).asString()
				.startsWith("No connection was free in time: of 1 connections 1 are in use");
		}
	}

	@Test
	void isDownInTimeWhenTheServerFallsSilentAndKeepsNoConnection() throws Exception {
		try (WireProxy proxy = database.proxy()) {
			HikariDataSource pool = database.pool(1, proxy);
			CrdbHealthIndicator indicator = indicator(pool, 500);
			assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
			proxy.failNext("SELECT current_setting", WireProxy.Fault.SILENCE);
			assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
			Awaitility.await().until(() -> indicator.health().getStatus().equals(Status.UP));
			assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		}
	}

	@Test
	void doesNotHangWhereNobodyAnswersTheConnection() throws Exception {
		try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
				HikariDataSource pool = new HikariDataSource()) {
			pool.setJdbcUrl("jdbc:postgresql://localhost:" + mute.getLocalPort() + "/bank?sslmode=disable");
			pool.setUsername("maxroach");
			CrdbHealthIndicator indicator = indicator(pool, 300);
			Instant start = Instant.now();
			assertThat(indicator.health().getDetails().get("error")).asString().startsWith("No answer within 300ms");
			assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
			assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
		}
	}

	@Test
	void namesTheServerThatIsNotTheRequiredOne() {
		CrdbDataSource refusing = new CrdbDataSource(database.pool(1), List.of((connection, serverInfo) -> {
			throw new CockroachRequiredException("The database is " + serverInfo.description());
		}));
		Health health = new CrdbHealthIndicator(refusing, Duration.ofSeconds(5)).health();
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("error",
				"The database is " + database.serverInfo().description());
	}

	private static CrdbHealthIndicator indicator(HikariDataSource pool, long timeout) {
		return new CrdbHealthIndicator(new CrdbDataSource(pool), Duration.ofMillis(timeout));
	}

}
