package io.github.crdbspring.jpa;

import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.autoconfigure.CrdbHibernateAutoConfiguration;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.test.WireProxy.Fault;
import org.hibernate.Session;
import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.AbstractDataSourceBasedMultiTenantConnectionProviderImpl;
import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.service.spi.Stoppable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for Hibernate's multi-tenancy with a pool for each tenant that is no bean: the
 * connections of the provider are guarded, however the provider comes to Hibernate.
 */
class GuardedTenantsTests extends AbstractTenantTests {

	private static DataSource tenant;

	@BeforeEach
	void usePool() {
		tenant = this.pool;
	}

	static Stream<Arguments> settings() {
		return Stream.of(BeanConfiguration.class, CustomizerConfiguration.class)
			.flatMap((configuration) -> Stream.of(Kind.values())
				.flatMap((kind) -> Stream.of(true, false)
					.map((autoCommit) -> Arguments.of(configuration, kind, autoCommit))));
	}

	@ParameterizedTest
	@MethodSource("settings")
	void aLostAnswerToCommitIsAnUnknownOutcomeAndOnePayment(Class<?> configuration, Kind kind, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		try (JpaApplication application = start(configuration)) {
			assertThatExceptionOfType(AmbiguousCommitException.class)
				.isThrownBy(() -> kind.run(application.service, (attempt) -> {
					this.attempts.add(attempt);
					Account account = application.find(1);
					account.setBalance(account.getBalance() + 5);
					this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				}));
			assertThat(application.ends).containsExactly("AMBIGUOUS 1");
		}
		assertThat(this.attempts).containsExactly(1);
		assertThat(this.conflicts.balance(1)).isEqualTo(105);
		verifyNoConnectionIsLost();
	}

	@ParameterizedTest
	@MethodSource("settings")
	void aSwallowedErrorIsNoSuccess(Class<?> configuration, Kind kind, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		try (JpaApplication application = start(configuration)) {
			assertThatExceptionOfType(SilentRollbackException.class)
				.isThrownBy(() -> kind.run(application.service, (attempt) -> swallowADuplicate(application)))
				.havingCause()
				.withMessageContaining("duplicate key");
		}
		verifyNoConnectionIsLost();
	}

	@ParameterizedTest
	@MethodSource("settings")
	void aConflictIsRetriedAndEveryConnectionComesBack(Class<?> configuration, Kind kind, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		try (JpaApplication application = start(configuration)) {
			// More often than there are connections
			for (int i = 0; i < 3; i++) {
				kind.run(application.service, (attempt) -> {
					this.attempts.add(attempt);
					Account account = application.find(1);
					if (attempt == 1) {
						this.conflicts.lostUpdate(1);
					}
					account.setBalance(account.getBalance() + 5);
				});
			}
			verifyNoConnectionIsLost();
		}
		assertThat(this.attempts).containsExactly(1, 2, 1, 2, 1, 2);
		assertThat(this.conflicts.balance(1)).isEqualTo(3115);
	}

	@Test
	void eachConnectionIsPreparedOnce() {
		this.pool.setMaximumPoolSize(1);
		try (JpaApplication application = start(BeanConfiguration.class, "crdb.session.statement_timeout=30s")) {
			application.service.crdb((attempt) -> application.find(1));
			assertThat(this.proxy.statements()).anyMatch((sql) -> sql.startsWith("SELECT set_config("));
			this.proxy.clear();
			for (int i = 0; i < 3; i++) {
				application.service.crdb((attempt) -> application.find(1));
			}
			assertThat(this.proxy.statements()).filteredOn("COMMIT"::equals).hasSize(3);
			assertThat(this.proxy.statements()).noneMatch((sql) -> sql.startsWith("SELECT set_config("));
		}
	}

	@Test
	void whatIsGuardedAlreadyIsNotGuardedTwice() {
		tenant = new CrdbDataSource(this.pool);
		try (JpaApplication application = start(BeanConfiguration.class)) {
			application.service.crdb((attempt) -> application.entityManager.unwrap(Session.class)
				.doWork((connection) -> assertThat(connection.unwrap(GuardedConnection.class).getTargetConnection())
					.isNotInstanceOf(GuardedConnection.class)));
		}
	}

	@Test
	void theProviderIsStoppedWithHibernate() {
		TenantPools provider;
		try (JpaApplication application = start(BeanConfiguration.class)) {
			provider = application.factory.unwrap(SessionFactoryImplementor.class)
				.getServiceRegistry()
				.requireService(MultiTenantConnectionProvider.class)
				.unwrap(TenantPools.class);
			assertThat(provider.stopped).isFalse();
		}
		assertThat(provider.stopped).isTrue();
	}

	@Test
	void ofOneThatHibernateMakesItselfTheConnectionsAreRefusedBeforeTheCommit() {
		try (JpaApplication application = start(ClassConfiguration.class)) {
			assertThatException()
				.isThrownBy(() -> application.service.crdb((attempt) -> application.find(1).setBalance(5)))
				.withMessageContaining("CrdbDataSource");
		}
		assertThat(this.proxy.statements()).doesNotContain("COMMIT");
		verifyNoConnectionIsLost();
	}

	private JpaApplication start(Class<?> configuration, String... properties) {
		return new JpaApplication(this.database.url(), configuration, properties);
	}

	private static Map<String, Object> settings(Object provider) {
		return Map.of(MultiTenancySettings.MULTI_TENANT_CONNECTION_PROVIDER, provider,
				MultiTenancySettings.MULTI_TENANT_IDENTIFIER_RESOLVER, new TheOnlyTenant());
	}

	/**
	 * The provider is a bean, and another bean names it to Hibernate.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(CrdbHibernateAutoConfiguration.class)
	static class BeanConfiguration {

		@Bean
		TenantPools tenantPools() {
			return new TenantPools();
		}

		@Bean
		HibernatePropertiesCustomizer multiTenancy(TenantPools pools) {
			return (properties) -> properties.putAll(settings(pools));
		}

	}

	/**
	 * The provider is a bean that names itself to Hibernate.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(CrdbHibernateAutoConfiguration.class)
	static class CustomizerConfiguration {

		@Bean
		HibernatePropertiesCustomizer tenantPools() {
			return new SelfNamingTenantPools();
		}

	}

	/**
	 * The provider's class is named to Hibernate.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(CrdbHibernateAutoConfiguration.class)
	static class ClassConfiguration {

		@Bean
		HibernatePropertiesCustomizer multiTenancy() {
			return (properties) -> properties.putAll(settings(TenantPools.class.getName()));
		}

	}

	/**
	 * Has the pools of the tenants, none of which is a bean.
	 */
	@SuppressWarnings("serial")
	public static class TenantPools extends AbstractDataSourceBasedMultiTenantConnectionProviderImpl<String>
			implements Stoppable {

		private boolean stopped;

		@Override
		protected DataSource selectAnyDataSource() {
			return tenant;
		}

		@Override
		protected DataSource selectDataSource(String tenantIdentifier) {
			return tenant;
		}

		@Override
		public void stop() {
			this.stopped = true;
		}

	}

	@SuppressWarnings("serial")
	private static final class SelfNamingTenantPools extends TenantPools implements HibernatePropertiesCustomizer {

		@Override
		public void customize(Map<String, Object> hibernateProperties) {
			hibernateProperties.putAll(settings(this));
		}

	}

	/**
	 * Says whose request it is.
	 */
	private static final class TheOnlyTenant implements CurrentTenantIdentifierResolver<String> {

		@Override
		public String resolveCurrentTenantIdentifier() {
			return "shop";
		}

		@Override
		public boolean validateExistingCurrentSessions() {
			return true;
		}

	}

}
