package io.github.crdbspring.autoconfigure.diagnostics;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what is printed when a bean is refused because of its annotation.
 */
@ExtendWith(OutputCaptureExtension.class)
class InvalidTransactionalMethodFailureTests {

	@Test
	void itSaysWhatIsWrongAndWhatToDo(CapturedOutput output) {
		assertThat(FailingApplication.start(output, Application.class, "crdb.url=postgresql://localhost:1/bank"))
			.contains("Description:", "Service.work() is final, so that no proxy can intercept it", "Action:",
					"Make it not final, or use a CrdbTransactionTemplate.")
			.doesNotContain("\tat ");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			TransactionAutoConfiguration.class })
	static class Application {

		@Bean
		Service service() {
			return new Service();
		}

	}

	static class Service {

		@CrdbTransactional
		final void work() {
		}

	}

}
