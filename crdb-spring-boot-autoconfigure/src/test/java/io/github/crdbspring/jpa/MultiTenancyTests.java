package io.github.crdbspring.jpa;

import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.WireProxy.Fault;
import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.AbstractDataSourceBasedMultiTenantConnectionProviderImpl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for Hibernate's multi-tenancy with a pool for each tenant, besides the DataSource
 * that the transaction manager knows: the outcome is that of the connection which was
 * used, and where nobody guards it there is no transaction.
 */
class MultiTenancyTests extends AbstractTenantTests {

	private static DataSource tenant;

	static Stream<Arguments> settings() {
		return Stream.of(Kind.values())
			.flatMap((kind) -> Stream.of(true, false)
				.flatMap((openInView) -> Stream.of(true, false)
					.map((autoCommit) -> Arguments.of(kind, openInView, autoCommit))));
	}

	@ParameterizedTest
	@MethodSource("settings")
	void aConnectionThatNobodyGuardsIsRefusedBeforeTheCommit(Kind kind, boolean openInView, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		try (JpaApplication application = start(this.pool)) {
			application.request(openInView, () -> {
				// More often than there are connections
				for (int i = 0; i < 3; i++) {
					assertThatException().isThrownBy(() -> kind.run(application.service, (attempt) -> {
						this.attempts.add(attempt);
						application.find(1).setBalance(5);
						application.entityManager.flush();
					})).withMessageContaining("CrdbDataSource");
				}
			});
			assertThat(application.ends).hasSize(3).allMatch((end) -> end.matches("(ROLLED_BACK|REJECTED) [01]"));
			application.verifyNoConnectionIsLost();
		}
		assertThat(this.attempts).allMatch((attempt) -> attempt == 1);
		assertThat(this.proxy.statements()).doesNotContain("COMMIT");
		verifyNothingIsStored();
	}

	@ParameterizedTest
	@EnumSource
	void aConflictOnAConnectionThatNobodyGuardsIsNotRetried(Kind kind) {
		try (JpaApplication application = start(this.pool)) {
			assertThatException().isThrownBy(() -> kind.run(application.service, (attempt) -> {
				this.attempts.add(attempt);
				Account account = application.find(1);
				this.conflicts.lostUpdate(1);
				account.setBalance(5);
				application.entityManager.flush();
			}));
		}
		assertThat(this.attempts).hasSizeLessThan(2);
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void anErrorThatIsSwallowedOnAConnectionThatNobodyGuardsIsNoSuccess(Kind kind) {
		try (JpaApplication application = start(this.pool)) {
			assertThatException().isThrownBy(() -> kind.run(application.service, (attempt) -> {
				application.find(1).setBalance(5);
				application.entityManager.flush();
				swallowADuplicate(application);
			})).withMessageContaining("CrdbDataSource");
		}
		verifyNothingIsStored();
	}

	@ParameterizedTest
	@MethodSource("settings")
	void onAGuardedConnectionALostAnswerToCommitIsAnUnknownOutcome(Kind kind, boolean openInView, boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		try (JpaApplication application = start(new CrdbDataSource(this.pool))) {
			application.request(openInView, () -> assertThatExceptionOfType(AmbiguousCommitException.class)
				.isThrownBy(() -> kind.run(application.service, (attempt) -> {
					this.attempts.add(attempt);
					application.find(1).setBalance(105);
					this.proxy.failNext("COMMIT", Fault.CUT_AFTER);
				})));
			assertThat(application.ends).containsExactly("AMBIGUOUS 1");
		}
		assertThat(this.attempts).containsExactly(1);
		assertThat(this.conflicts.balance(1)).isEqualTo(105);
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	@ParameterizedTest
	@MethodSource("settings")
	void onAGuardedConnectionAConflictIsRetriedAndASwallowedErrorHasItsCause(Kind kind, boolean openInView,
			boolean autoCommit) {
		this.pool.setAutoCommit(autoCommit);
		try (JpaApplication application = start(new CrdbDataSource(this.pool))) {
			application.request(openInView, () -> {
				kind.run(application.service, (attempt) -> {
					this.attempts.add(attempt);
					Account account = application.find(1);
					if (attempt == 1) {
						this.conflicts.lostUpdate(1);
					}
					account.setBalance(account.getBalance() + 5);
				});
				assertThatExceptionOfType(SilentRollbackException.class)
					.isThrownBy(() -> kind.run(application.service, (attempt) -> swallowADuplicate(application)))
					.havingCause()
					.withMessageContaining("duplicate key");
			});
			assertThat(application.ends).containsExactly("COMMITTED 2", "ROLLED_BACK 1");
		}
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.conflicts.balance(1)).isEqualTo(1105);
		assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	private JpaApplication start(DataSource tenantDataSource) {
		tenant = tenantDataSource;
		return new JpaApplication(this.database.url(), TenantConfiguration.class);
	}

	private void verifyNothingIsStored() {
		assertThat(this.conflicts.balance(1)).isEqualTo(100);
		verifyNoConnectionIsLost();
	}

	@Configuration(proxyBeanMethods = false)
	static class TenantConfiguration {

		@Bean
		HibernatePropertiesCustomizer multiTenancy() {
			return (properties) -> properties.putAll(Map.of(MultiTenancySettings.MULTI_TENANT_CONNECTION_PROVIDER,
					new TenantPools(), MultiTenancySettings.MULTI_TENANT_IDENTIFIER_RESOLVER, new TheOnlyTenant()));
		}

	}

	/**
	 * Has the pools of the tenants, none of which is a bean.
	 */
	@SuppressWarnings("serial")
	private static final class TenantPools extends AbstractDataSourceBasedMultiTenantConnectionProviderImpl<String> {

		@Override
		protected DataSource selectAnyDataSource() {
			return tenant;
		}

		@Override
		protected DataSource selectDataSource(String tenantIdentifier) {
			return tenant;
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
