package io.github.crdbspring.compatibility;

import java.util.ArrayList;
import java.util.List;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.test.TestDatabase;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/**
 * Applications of plain JDBC, to which tests add what they are about.
 */
final class Applications {

	private Applications() {
	}

	static ApplicationContextRunner create(TestDatabase database, Class<?>... more) {
		List<Class<?>> all = new ArrayList<>(List.of(more));
		all.addAll(List.of(AopAutoConfiguration.class, CrdbDataSourceAutoConfiguration.class,
				CrdbTransactionAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcClientAutoConfiguration.class,
				JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class));
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(all.toArray(Class<?>[]::new)))
			.withPropertyValues("crdb.url=" + database.url(), "crdb.transaction.backoff.initial-interval=0",
					"crdb.transaction.max-attempts=3", "spring.datasource.hikari.maximum-pool-size=4",
					"spring.datasource.hikari.minimum-idle=0");
	}

	/**
	 * Whether the proxies are subclasses, and whether AspectJ makes them.
	 */
	enum Proxies {

		SUBCLASSES(true, true), INTERFACES(false, true), SUBCLASSES_WITHOUT_ASPECTJ(true, false),
		INTERFACES_WITHOUT_ASPECTJ(false, false);

		private final boolean subclasses;

		private final boolean aspects;

		Proxies(boolean subclasses, boolean aspects) {
			this.subclasses = subclasses;
			this.aspects = aspects;
		}

		ApplicationContextRunner apply(ApplicationContextRunner runner) {
			return runner.withPropertyValues("spring.aop.proxy-target-class=" + this.subclasses,
					"spring.aop.auto=" + this.aspects);
		}

	}

}
