package io.github.crdbspring.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.datasource.Router;
import io.github.crdbspring.error.CockroachRequiredException;
import io.github.crdbspring.error.FailedTransactionCommitException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for DataSources that are not simply a pool: they are guarded, or told of, and
 * health and {@code crdb.require-cockroachdb} see through them.
 */
@DatabaseTest
@ExtendWith(OutputCaptureExtension.class)
class DataSourceShapesTests {

	private static final ThreadLocal<@Nullable Object> tenant = new ThreadLocal<>();

	private static final String UNKNOWN = "cannot be seen before it is used";

	private final TestDatabase database;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
				CrdbHealthContributorAutoConfiguration.class, CrdbInfoContributorAutoConfiguration.class))
		.withPropertyValues("crdb.transaction.backoff.initial-interval=0");

	DataSourceShapesTests(TestDatabase database) {
		this.database = database;
	}

	@AfterEach
	void forgetTenant() {
		tenant.remove();
	}

	@Test
	void aRouterWithoutADefaultTarget() {
		with(this::tenantRouter).run((context) -> {
			CrdbTransactionTemplate template = context.getBean(CrdbTransactionTemplate.class);
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> template.execute((status) -> 1));
			for (String name : List.of("a", "b")) {
				tenant.set(name);
				assertRetried(context);
				assertCommitIsGuarded(context);
			}
			assertThat(health(context)).containsOnlyKeys("dataSource.a", "dataSource.b")
				.allSatisfy((name, health) -> assertThat(health.getStatus()).isEqualTo(Status.UP));
		});
	}

	@Test
	void aTenantsPoolIsMadeWhenItIsNeeded(CapturedOutput output) {
		with(() -> new PoolsOnDemand(this.database)).run((context) -> {
			tenant.set("late");
			assertRetried(context);
			assertCommitIsGuarded(context);
			assertThat(context.getBean(PoolsOnDemand.class).tenants()).containsExactly("late");
			assertThat(output).doesNotContain(UNKNOWN).doesNotContain("are not guarded");
		});
	}

	@Test
	void aTenantIsAddedToARouter() {
		with(() -> new GrowingRouter(this.database.pool(2))).run((context) -> {
			tenant.set("first");
			assertCommitIsGuarded(context);
			context.getBean(GrowingRouter.class).add("second", this.database.pool(2));
			tenant.set("second");
			assertRetried(context);
			assertCommitIsGuarded(context);
		});
	}

	@Test
	void aRouterOfAFinalClassIsTold(CapturedOutput output) {
		with(() -> new FinalPoolsOnDemand(this.database)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("Where the DataSource bean 'dataSource'", UNKNOWN, "new CrdbDataSource(pool)");
		});
	}

	@Test
	void aDataSourceOfWhichNothingIsKnownIsTold(CapturedOutput output) {
		with(() -> new Unknown(this.database.pool(2))).run((context) -> assertThat(output).containsOnlyOnce(UNKNOWN));
	}

	@Test
	void aRouterThatMakesKeysOutOfTexts() {
		with(() -> new EnumRouter(Map.of("READ", this.database.pool(2), "WRITE", this.database.pool(2))))
			.run((context) -> {
				tenant.set(Mode.READ);
				assertRetried(context);
				assertCommitIsGuarded(context);
			});
	}

	@Test
	void aLazyProxyWithAPoolForReading() throws SQLException {
		LazyConnectionDataSourceProxy lazy = new LazyConnectionDataSourceProxy(this.database.pool(2));
		lazy.setReadOnlyDataSource(this.database.pool(2));
		with(() -> lazy).run((context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(lazy);
			assertRetried(context);
			assertCommitIsGuarded(context);
			TransactionTemplate readOnly = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			readOnly.setReadOnly(true);
			JdbcClient jdbc = JdbcClient.create(lazy);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> readOnly.executeWithoutResult((status) -> swallowAnError(jdbc)))
				.havingCause()
				.isInstanceOf(FailedTransactionCommitException.class);
			assertThat(health(context)).containsOnlyKeys("dataSource", "dataSource.readOnly");
		});
		try (Connection connection = lazy.getConnection()) {
			connection.setReadOnly(true);
			connection.prepareStatement("SELECT 1").close();
			assertThat(connection.isWrapperFor(GuardedConnection.class)).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { DecoratedLater.class, DecoratedAtOnce.class })
	void aDecoratorByAPlainClass(Class<?> configuration) {
		ApplicationContextRunner decorated = this.runner.withUserConfiguration(configuration)
			.withBean(TestDatabase.class, () -> this.database, (definition) -> definition.setDestroyMethodName(""));
		decorated.run((context) -> {
			assertThat(context).hasNotFailed();
			assertCommitIsGuarded(context);
			assertThat(health(context)).containsOnlyKeys("");
			assertThat(health(context).get("").getDetails()).containsEntry("vendor",
					this.database.serverInfo().vendor());
		});
		decorated.withPropertyValues("crdb.require-cockroachdb=true").run((context) -> {
			if (this.database.isCockroach()) {
				assertThat(context).hasNotFailed();
			}
			else {
				assertThat(context.getStartupFailure()).hasCauseInstanceOf(CockroachRequiredException.class);
			}
		});
	}

	@Test
	void everyTargetOfARouterHasToBeCockroachIfThatIsRequired() {
		with(this::tenantRouter).withPropertyValues("crdb.require-cockroachdb=true").run((context) -> {
			if (this.database.isCockroach()) {
				assertThat(context).hasNotFailed();
			}
			else {
				assertThat(context.getStartupFailure()).hasCauseInstanceOf(CockroachRequiredException.class);
			}
		});
	}

	private ApplicationContextRunner with(Supplier<DataSource> dataSource) {
		return this.runner.withBean("dataSource", DataSource.class, dataSource);
	}

	private DataSource tenantRouter() {
		return new Router(Map.of("a", this.database.pool(2), "b", this.database.pool(2)), null) {

			@Override
			protected @Nullable Object determineCurrentLookupKey() {
				return tenant.get();
			}

		};
	}

	private static void assertRetried(ApplicationContext context) {
		Integer attempts = context.getBean(CrdbTransactionTemplate.class).execute((status) -> {
			int attempt = TransactionAttempt.current().orElseThrow().number();
			JdbcClient.create(context.getBean(DataSource.class)).sql("SELECT 1").query(Integer.class).single();
			if (attempt == 1) {
				throw new IllegalStateException(new SQLException("restart transaction", "40001"));
			}
			return attempt;
		});
		assertThat(attempts).isEqualTo(2);
	}

	/**
	 * What an unguarded connection would report as a success, although nothing was
	 * committed.
	 */
	private static void assertCommitIsGuarded(ApplicationContext context) {
		JdbcClient jdbc = JdbcClient.create(context.getBean(DataSource.class));
		TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> template.executeWithoutResult((status) -> swallowAnError(jdbc)))
			.havingCause()
			.isInstanceOf(FailedTransactionCommitException.class);
	}

	private static void swallowAnError(JdbcClient jdbc) {
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> jdbc.sql("SELECT 1/0").query(Integer.class).single());
	}

	private static Map<String, Health> health(ApplicationContext context) {
		HealthContributor contributor = context.getBean("crdbHealthContributor", HealthContributor.class);
		Map<String, Health> health = new HashMap<>();
		if (contributor instanceof CompositeHealthContributor composite) {
			for (HealthContributors.Entry entry : composite) {
				health.put(entry.name(), ((HealthIndicator) entry.contributor()).health());
			}
		}
		else {
			health.put("", ((HealthIndicator) contributor).health());
		}
		return health;
	}

	/**
	 * Makes a pool for each tenant that it is asked for.
	 */
	static class PoolsOnDemand extends AbstractRoutingDataSource {

		private final Map<Object, DataSource> pools = new ConcurrentHashMap<>();

		private final TestDatabase database;

		PoolsOnDemand(TestDatabase database) {
			this.database = database;
		}

		List<Object> tenants() {
			return List.copyOf(this.pools.keySet());
		}

		@Override
		public void afterPropertiesSet() {
		}

		@Override
		protected @Nullable Object determineCurrentLookupKey() {
			return tenant.get();
		}

		@Override
		protected DataSource determineTargetDataSource() {
			Object key = determineCurrentLookupKey();
			if (key == null) {
				throw new IllegalStateException("No tenant");
			}
			return this.pools.computeIfAbsent(key, (name) -> this.database.pool(2));
		}

	}

	/**
	 * The same, in a class of which no proxy can be made.
	 */
	static final class FinalPoolsOnDemand extends PoolsOnDemand {

		FinalPoolsOnDemand(TestDatabase database) {
			super(database);
		}

	}

	/**
	 * Can be given further tenants.
	 */
	static class GrowingRouter extends AbstractRoutingDataSource {

		private final Map<Object, Object> pools = new HashMap<>();

		GrowingRouter(DataSource first) {
			add("first", first);
		}

		void add(String name, DataSource pool) {
			this.pools.put(name, pool);
			setTargetDataSources(this.pools);
			initialize();
		}

		@Override
		protected @Nullable Object determineCurrentLookupKey() {
			return tenant.get();
		}

	}

	/**
	 * What its keys are.
	 */
	enum Mode {

		READ, WRITE

	}

	/**
	 * Is configured with texts, and refuses anything else.
	 */
	static class EnumRouter extends AbstractRoutingDataSource {

		EnumRouter(Map<Object, Object> targets) {
			setTargetDataSources(targets);
		}

		@Override
		protected Object resolveSpecifiedLookupKey(Object lookupKey) {
			return Mode.valueOf((String) lookupKey);
		}

		@Override
		protected @Nullable Object determineCurrentLookupKey() {
			return tenant.get();
		}

	}

	/**
	 * Hands out connections of nobody knows what.
	 */
	static class Unknown extends AbstractDataSource {

		private final Supplier<DataSource> pool;

		Unknown(DataSource pool) {
			this.pool = () -> pool;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return this.pool.get().getConnection();
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return getConnection();
		}

	}

	/**
	 * Decorates another DataSource, and says so if it is asked as JDBC has it.
	 */
	static class Decorator extends AbstractDataSource {

		private final DataSource delegate;

		Decorator(DataSource delegate) {
			this.delegate = delegate;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return this.delegate.getConnection();
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return this.delegate.getConnection(username, password);
		}

		@Override
		public <T> T unwrap(Class<T> type) throws SQLException {
			return type.isInstance(this) ? type.cast(this) : this.delegate.unwrap(type);
		}

		@Override
		public boolean isWrapperFor(Class<?> type) throws SQLException {
			return type.isInstance(this) || this.delegate.isWrapperFor(type);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DecoratedLater {

		@Bean(destroyMethod = "")
		DataSource dataSource(TestDatabase database) {
			return database.pool(2);
		}

		@Bean
		static BeanPostProcessor decorating() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					return (bean instanceof CrdbDataSource dataSource) ? new Decorator(dataSource) : bean;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DecoratedAtOnce {

		@Bean
		DataSource dataSource(TestDatabase database) {
			DataSource pool = database.pool(2);
			// Leads nowhere by the means of JDBC
			return new AbstractDataSource() {

				private final DataSource decorated = pool;

				@Override
				public Connection getConnection() throws SQLException {
					return this.decorated.getConnection();
				}

				@Override
				public Connection getConnection(String username, String password) throws SQLException {
					return getConnection();
				}

			};
		}

	}

}
