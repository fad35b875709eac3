package io.github.crdbspring.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that starting opens no connection that would not be opened without this library,
 * with everything that it configures. Nothing listens where the URL points to.
 */
class StartupConnectionTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withConfiguration(AutoConfigurations.of(ours()))
		.withPropertyValues("crdb.url=postgresql://localhost:1/bank", "crdb.session.statement_timeout=10s",
				"crdb.transaction.priority=high", "crdb.transaction.retry-spring-transactional=true")
		.withBean(Service.class);

	@Test
	void noConnectionIsOpened() {
		this.runner.run((context) -> {
			assertThat(AopUtils.isAopProxy(context.getBean(Service.class))).isTrue();
			assertThat(pool(context).getHikariPoolMXBean()).isNull();
		});
	}

	@Test
	void oneIsOpenedIfCockroachIsRequired() {
		this.runner.withPropertyValues("crdb.require-cockroachdb=true")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("localhost:1 refused"));
	}

	private static HikariDataSource pool(AssertableApplicationContext context) {
		return (HikariDataSource) ((CrdbDataSource) context.getBean(DataSource.class)).getTargetDataSource();
	}

	private static Class<?>[] ours() {
		List<String> names = ImportCandidates
			.load(AutoConfiguration.class, StartupConnectionTests.class.getClassLoader())
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith("io.github.crdbspring."))
			.toList();
		assertThat(names).contains(CrdbTransactionAutoConfiguration.class.getName());
		return names.stream().map((name) -> ClassUtils.resolveClassName(name, null)).toArray(Class<?>[]::new);
	}

	static class Service {

		@CrdbTransactional(timeout = "2s")
		void transfer() {
		}

	}

}
