package io.github.crdbspring.autoconfigure;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionSettings;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbTransactionTemplates}.
 */
class CrdbTransactionTemplatesTests {

	private final DataSource dataSource = new CrdbDataSource(
			new DriverManagerDataSource("jdbc:postgresql://localhost:1/bank"));

	private final JdbcTransactionManager bank = new JdbcTransactionManager(this.dataSource);

	private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

	@Test
	void twoFirstCallersGetTheSameTemplate() throws Exception {
		this.beans.registerSingleton("bank", this.bank);
		CyclicBarrier bothMakeOne = new CyclicBarrier(2);
		CrdbTransactionTemplates templates = templates(() -> {
			try {
				bothMakeOne.await(10, TimeUnit.SECONDS);
			}
			catch (Exception ex) {
				throw new IllegalStateException("Only one makes a template", ex);
			}
			return CrdbTransactionSettings.defaults();
		});
		ExecutorService executor = Executors.newFixedThreadPool(2);
		try {
			Future<CrdbTransactionTemplate> byDefault = executor.submit(() -> templates.get(""));
			Future<CrdbTransactionTemplate> byName = executor.submit(() -> templates.get("bank"));
			assertThat(byDefault.get()).isSameAs(byName.get())
				.isSameAs(templates.get("bank"))
				.isSameAs(templates.get(""))
				.isSameAs(templates.forManager(this.bank));
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void eachTransactionManagerHasItsOwn() {
		this.beans.registerSingleton("bank", this.bank);
		this.beans.registerSingleton("shop", new JdbcTransactionManager(this.dataSource));
		CrdbTransactionTemplates templates = templates(CrdbTransactionSettings::defaults);
		assertThat(templates.get("bank")).isNotSameAs(templates.get("shop"));
		assertThat(templates.get("bank").getTransactionManager()).isSameAs(this.bank);
	}

	@Test
	void theUsersOwnIsTakenWhereItIsOneForTheTransactionManager() {
		JdbcTransactionManager shop = new JdbcTransactionManager(this.dataSource);
		CrdbTransactionTemplate own = new CrdbTransactionTemplate(shop, this.dataSource, CrdbTransactionOptions.none());
		this.beans.registerSingleton("bank", this.bank);
		this.beans.registerSingleton("shop", shop);
		this.beans.registerSingleton("own", own);
		CrdbTransactionTemplates templates = templates(CrdbTransactionSettings::defaults);
		assertThat(templates.get("shop")).isSameAs(own);
		assertThat(templates.get("bank").getTransactionManager()).isSameAs(this.bank);
	}

	private CrdbTransactionTemplates templates(Supplier<CrdbTransactionSettings> settings) {
		return new CrdbTransactionTemplates(this.beans, CrdbTransactionOptions.none(), settings);
	}

}
