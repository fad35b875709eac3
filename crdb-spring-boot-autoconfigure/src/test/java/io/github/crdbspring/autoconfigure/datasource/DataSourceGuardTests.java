package io.github.crdbspring.autoconfigure.datasource;

import java.lang.reflect.Proxy;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.mysql.cj.jdbc.MysqlDataSource;
import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.xa.PGXADataSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.IsolationLevelDataSourceAdapter;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.UserCredentialsDataSourceAdapter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DataSourceGuard} and {@link PostgresDriverDetector}. Nothing listens
 * where the URLs point to, so that a connection would fail.
 */
class DataSourceGuardTests {

	private static final String URL = "jdbc:postgresql://localhost:1/bank";

	private final DataSourceGuard guard = new DataSourceGuard(CrdbDataSource::new);

	static Stream<Arguments> poolsOfThePostgresDriver() {
		return Stream.of(pool("HikariCP with a URL", (HikariDataSource pool) -> pool.setJdbcUrl(URL)),
				pool("HikariCP with a class",
						(HikariDataSource pool) -> pool.setDataSourceClassName("org.postgresql.ds.PGSimpleDataSource")),
				pool("HikariCP with a DataSource",
						(HikariDataSource pool) -> pool.setDataSource(new PGSimpleDataSource())),
				pool("Tomcat with a URL", (org.apache.tomcat.jdbc.pool.DataSource pool) -> pool.setUrl(URL)),
				pool("Tomcat with a DataSource",
						(org.apache.tomcat.jdbc.pool.DataSource pool) -> pool.setDataSource(new PGSimpleDataSource())),
				pool("Tomcat with an XA DataSource",
						(org.apache.tomcat.jdbc.pool.DataSource pool) -> pool.setDataSource(new PGXADataSource())),
				pool("DBCP2", (BasicDataSource pool) -> pool.setUrl(URL)),
				pool("PGSimpleDataSource", (PGSimpleDataSource dataSource) -> {
				}), pool("SimpleDriverDataSource", (SimpleDriverDataSource dataSource) -> dataSource.setUrl(URL)),
				pool("DriverManagerDataSource", (DriverManagerDataSource dataSource) -> dataSource.setUrl(URL)),
				pool("unknown pool", (UnknownPool pool) -> pool.url = URL));
	}

	static Stream<Arguments> dataSourcesOfOtherProducts() {
		String h2 = "jdbc:h2:mem:test";
		return Stream.of(pool("HikariCP of H2", (HikariDataSource pool) -> pool.setJdbcUrl(h2)),
				pool("HikariCP of MySQL",
						(HikariDataSource pool) -> pool.setDataSourceClassName("com.mysql.cj.jdbc.MysqlDataSource")),
				pool("HikariCP around H2", (HikariDataSource pool) -> pool.setDataSource(new JdbcDataSource())),
				pool("HikariCP without anything", (HikariDataSource pool) -> {
				}), pool("Tomcat of H2", (org.apache.tomcat.jdbc.pool.DataSource pool) -> pool.setUrl(h2)),
				pool("Tomcat around H2",
						(org.apache.tomcat.jdbc.pool.DataSource pool) -> pool.setDataSource(new JdbcDataSource())),
				pool("DBCP2 of H2", (BasicDataSource pool) -> pool.setUrl(h2)),
				pool("H2", (JdbcDataSource dataSource) -> dataSource.setUrl(h2)),
				pool("MySQL", (MysqlDataSource dataSource) -> dataSource.setUrl("jdbc:mysql://localhost/test")),
				pool("DriverManagerDataSource", (DriverManagerDataSource dataSource) -> dataSource.setUrl(h2)),
				pool("unknown pool", (UnknownPool pool) -> {
				}), pool("failing pool", (UnknownPool pool) -> pool.failure = new IllegalStateException("closed")));
	}

	@SuppressWarnings("unchecked")
	private static <T extends DataSource> Arguments pool(String name, ThrowingConsumer<T> configurer, T... type) {
		try {
			T pool = (T) type.getClass().getComponentType().getDeclaredConstructor().newInstance();
			configurer.accept(pool);
			return Arguments.argumentSet(name, pool);
		}
		catch (Throwable ex) {
			throw new IllegalStateException(name, ex);
		}
	}

	@ParameterizedTest
	@MethodSource("poolsOfThePostgresDriver")
	void aPoolOfThePostgresDriverIsWrapped(DataSource pool) {
		assertThat(this.guard.guard(pool)).isInstanceOfSatisfying(CrdbDataSource.class,
				(guarded) -> assertThat(guarded.getTargetDataSource()).isSameAs(pool));
	}

	@ParameterizedTest
	@MethodSource("dataSourcesOfOtherProducts")
	void aDataSourceOfAnotherProductIsLeftAsItIs(DataSource dataSource) {
		assertThat(this.guard.guard(dataSource)).isSameAs(dataSource);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:p6spy:postgresql://localhost/bank", "jdbc:otel:postgresql://localhost/bank",
			"jdbc:aws-wrapper:postgresql://localhost/bank", "jdbc:tc:postgresql:17:///bank",
			"jdbc:tc:cockroach:v25.2.0:///bank", "jdbc:postgresql:bank" })
	void aDriverAroundThePostgresDriverIsRecognised(String url) {
		assertThat(this.guard.guard(new DriverManagerDataSource(url))).isInstanceOf(CrdbDataSource.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:mem:postgresql;MODE=PostgreSQL", "jdbc:tc:mysql:8:///postgresql",
			"jdbc:mysql://localhost/postgresql:", "jdbc:mariadb://postgresql:3306/test" })
	void aNameInAnotherUrlIsNotTheDriver(String url) {
		DataSource dataSource = new DriverManagerDataSource(url);
		assertThat(this.guard.guard(dataSource)).isSameAs(dataSource);
	}

	@Test
	void theUsersOwnCrdbDataSourceIsNotWrappedAgain() {
		CrdbDataSource own = new CrdbDataSource(postgres());
		assertThat(this.guard.guard(own)).isSameAs(own);
		assertThat(own.getTargetDataSource()).isNotInstanceOf(CrdbDataSource.class);
	}

	static Stream<DelegatingDataSource> delegates() {
		return Stream.of(new DelegatingDataSource(), new LazyConnectionDataSourceProxy(),
				new TransactionAwareDataSourceProxy(), new IsolationLevelDataSourceAdapter(),
				new UserCredentialsDataSourceAdapter());
	}

	@ParameterizedTest
	@MethodSource("delegates")
	void connectionsAreGuardedBeneathADelegate(DelegatingDataSource delegate) {
		DataSource pool = postgres();
		delegate.setTargetDataSource(pool);
		assertThat(this.guard.guard(delegate)).isSameAs(delegate);
		assertThat(delegate.getTargetDataSource()).isInstanceOfSatisfying(CrdbDataSource.class,
				(guarded) -> assertThat(guarded.getTargetDataSource()).isSameAs(pool));
	}

	@ParameterizedTest
	@MethodSource("delegates")
	void aGuardedDelegateIsLeftAsItIs(DelegatingDataSource delegate) {
		DataSource guarded = new CrdbDataSource(postgres());
		delegate.setTargetDataSource(guarded);
		assertThat(this.guard.guard(delegate)).isSameAs(delegate);
		assertThat(delegate.getTargetDataSource()).isSameAs(guarded);
	}

	@ParameterizedTest
	@MethodSource("delegates")
	void aDelegateToAnotherProductIsLeftAsItIs(DelegatingDataSource delegate) {
		DataSource h2 = new JdbcDataSource();
		delegate.setTargetDataSource(h2);
		assertThat(this.guard.guard(delegate)).isSameAs(delegate);
		assertThat(delegate.getTargetDataSource()).isSameAs(h2);
	}

	@Test
	void connectionsAreGuardedBeneathSeveralDelegates() {
		DelegatingDataSource inner = new TransactionAwareDataSourceProxy(postgres());
		DelegatingDataSource outer = new LazyConnectionDataSourceProxy();
		outer.setTargetDataSource(inner);
		assertThat(this.guard.guard(outer)).isSameAs(outer);
		assertThat(outer.getTargetDataSource()).isSameAs(inner);
		assertThat(inner.getTargetDataSource()).isInstanceOf(CrdbDataSource.class);
	}

	@Test
	void aProxyOfAPoolIsWrappedOnce() {
		DataSource proxy = (DataSource) new ProxyFactory(postgres()).getProxy();
		DataSource guarded = this.guard.guard(proxy);
		assertThat(guarded).isInstanceOfSatisfying(CrdbDataSource.class,
				(dataSource) -> assertThat(dataSource.getTargetDataSource()).isSameAs(proxy));
		DataSource proxyOfGuarded = (DataSource) new ProxyFactory(guarded).getProxy();
		assertThat(this.guard.guard(proxyOfGuarded)).isSameAs(proxyOfGuarded);
	}

	@Test
	void aForeignWrapperOfAPoolIsWrapped() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(URL);
		assertThat(this.guard.guard(foreignWrapper(pool))).isInstanceOf(CrdbDataSource.class);
	}

	@Test
	void aForeignWrapperOfAGuardedPoolIsLeftAsItIs() {
		DataSource wrapper = foreignWrapper(new CrdbDataSource(postgres()));
		assertThat(this.guard.guard(wrapper)).isSameAs(wrapper);
	}

	@Test
	void theTypeIsKeptWhereItHasToStay() throws Exception {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(URL);
		pool.setPoolName("bank");
		DataSource guarded = this.guard.guardKeepingType(pool);
		assertThat(guarded).isInstanceOfSatisfying(HikariDataSource.class,
				(hikari) -> assertThat(hikari.getPoolName()).isEqualTo("bank"));
		assertThat(guarded.isWrapperFor(CrdbDataSource.class)).isTrue();
		assertThat(guarded.unwrap(CrdbDataSource.class).getTargetDataSource()).isSameAs(pool);
		assertThat(this.guard.guard(guarded)).isSameAs(guarded);
	}

	@Test
	void theTypeOfAnotherProductIsKeptToo() {
		DataSource h2 = new JdbcDataSource();
		assertThat(this.guard.guardKeepingType(h2)).isSameAs(h2);
	}

	private static DataSource postgres() {
		return new DriverManagerDataSource(URL);
	}

	/**
	 * A wrapper of a library that Spring does not know.
	 */
	private static DataSource foreignWrapper(DataSource target) {
		return (DataSource) Proxy.newProxyInstance(DataSourceGuardTests.class.getClassLoader(),
				new Class<?>[] { DataSource.class }, (proxy, method, args) -> method.invoke(target, args));
	}

	/**
	 * A pool of which nothing is known but that it has a URL.
	 */
	public static class UnknownPool extends AbstractDataSource {

		private String url;

		private RuntimeException failure;

		public String getJdbcUrl() {
			if (this.failure != null) {
				throw this.failure;
			}
			return this.url;
		}

		@Override
		public java.sql.Connection getConnection() {
			throw new IllegalStateException("No connection is to be opened");
		}

		@Override
		public java.sql.Connection getConnection(String username, String password) {
			return getConnection();
		}

	}

}
