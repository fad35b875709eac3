package io.github.crdbspring.autoconfigure.datasource;

import java.util.Map;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DataSourceGuard} with DataSources that route.
 */
class RoutingDataSourceTests {

	private final DataSourceGuard guard = new DataSourceGuard(CrdbDataSource::new);

	private final DataSource postgres = new DriverManagerDataSource("jdbc:postgresql://localhost:1/bank");

	private final DataSource h2 = new JdbcDataSource();

	@Test
	void targetsOfThePostgresDriverAreGuardedAndOthersNot() {
		Router router = new Router(Map.of("bank", this.postgres, "cache", this.h2), null);
		assertThat(this.guard.guard(router)).isSameAs(router);
		assertThat(router.getResolvedDataSources().get("bank")).isInstanceOfSatisfying(CrdbDataSource.class,
				(guarded) -> assertThat(guarded.getTargetDataSource()).isSameAs(this.postgres));
		assertThat(router.getResolvedDataSources().get("cache")).isSameAs(this.h2);
		assertThat(router.getResolvedDefaultDataSource()).isNull();
	}

	@Test
	void aTargetThatIsUsedTwiceIsGuardedOnce() {
		Router router = new Router(Map.of("one", this.postgres, "two", this.postgres), this.postgres);
		this.guard.guard(router);
		DataSource guarded = router.getResolvedDefaultDataSource();
		assertThat(guarded).isInstanceOf(CrdbDataSource.class);
		assertThat(router.getResolvedDataSources().values())
			.allSatisfy((target) -> assertThat(target).isSameAs(guarded));
	}

	@Test
	void onlyTheDefaultMayNeedIt() {
		Router router = new Router(Map.of("cache", this.h2), this.postgres);
		this.guard.guard(router);
		assertThat(router.getResolvedDefaultDataSource()).isInstanceOf(CrdbDataSource.class);
		assertThat(router.getResolvedDataSources().get("cache")).isSameAs(this.h2);
	}

	@Test
	void targetsThatAreGuardedAlreadyAreLeftAsTheyAre() {
		DataSource guarded = new CrdbDataSource(this.postgres);
		Router router = new Router(Map.of("bank", guarded), guarded);
		assertThat(this.guard.guard(router)).isSameAs(router);
		assertThat(router.getResolvedDataSources().get("bank")).isSameAs(guarded);
		assertThat(router.initializations).isOne();
	}

	@Test
	void otherProductsAreLeftAsTheyAre() {
		Router router = new Router(Map.of("cache", this.h2), this.h2);
		assertThat(this.guard.guard(router)).isSameAs(router);
		assertThat(router.getResolvedDefaultDataSource()).isSameAs(this.h2);
		assertThat(router.initializations).isOne();
	}

	@Test
	void aRouterMayRouteToRoutersAndDelegates() {
		Router inner = new Router(Map.of("bank", this.postgres), null);
		LazyConnectionDataSourceProxy lazy = new LazyConnectionDataSourceProxy();
		lazy.setTargetDataSource(this.postgres);
		Router outer = new Router(Map.of("inner", inner, "lazy", lazy), null);
		this.guard.guard(outer);
		assertThat(outer.getResolvedDataSources()).containsEntry("inner", inner).containsEntry("lazy", lazy);
		assertThat(inner.getResolvedDataSources().get("bank")).isInstanceOf(CrdbDataSource.class);
		assertThat(lazy.getTargetDataSource()).isInstanceOf(CrdbDataSource.class);
	}

	@Test
	void aRouterThatFindsItsTargetsItselfIsLeftAsItIs() {
		AbstractRoutingDataSource own = new AbstractRoutingDataSource() {

			@Override
			protected Object determineCurrentLookupKey() {
				return null;
			}

			@Override
			protected DataSource determineTargetDataSource() {
				return RoutingDataSourceTests.this.postgres;
			}

		};
		// Its connections are guarded on their way out
		assertThat(this.guard.guard(own)).isInstanceOf(own.getClass());
	}

}
