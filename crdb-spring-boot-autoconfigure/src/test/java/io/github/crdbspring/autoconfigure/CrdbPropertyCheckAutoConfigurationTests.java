package io.github.crdbspring.autoconfigure;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class CrdbPropertyCheckAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CrdbPropertyCheckAutoConfiguration.class));

	@Test
	void nothingIsSaidOfWhatExists(CapturedOutput output) {
		this.runner
			.withPropertyValues("crdb.url=postgresql://localhost/bank", "crdb.transaction.maxAttempts=3",
					"crdb.transaction.max_attempts=3", "crdb.session.statement_timeout=1s", "crdb.test.anything=1",
					"crdbx.y=1", "other.crdb.x=1")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("does not exist");
	}

	@Test
	void misspeltPropertyIsTold(CapturedOutput output) {
		this.runner.withPropertyValues("crdb.transaction.outcome.polcy=resolve").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("does not exist")
				.contains("Property 'crdb.transaction.outcome.polcy'")
				.contains("does not exist, and has no effect. Did you mean 'crdb.transaction.outcome.policy'?");
		});
	}

	@Test
	void forgottenGroupIsTold(CapturedOutput output) {
		this.runner.withPropertyValues("crdb.max-attempts=3", "crdb.dialect=false")
			.run((context) -> assertThat(output)
				.contains("Did you mean 'crdb.changefeed.max-attempts' or 'crdb.transaction.max-attempts'?")
				.contains("Property 'crdb.dialect'")
				.contains("Did you mean 'crdb.dialect.enabled'?"));
	}

	@Test
	void propertyThatResemblesNoneIsToldToo(CapturedOutput output) {
		this.runner.withPropertyValues("crdb.my-own.region-of-the-office=north")
			.run((context) -> assertThat(output).contains("Property 'crdb.my-own.region-of-the-office'")
				.contains(
						"does not exist, and has no effect. Those that begin with 'crdb.' are reserved for crdb-spring-boot"));
	}

	@Test
	void environmentVariableIsToldIfItResemblesOne(CapturedOutput output) {
		this.runner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
						new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
								Map.of("CRDB_TRANSACTION_MAX_ATEMPTS", "3", "CRDB_TRANSACTION_MAX_ATTEMPTS", "3",
										"CRDB_SESSION_STATEMENT_TIMEOUT", "1s", "CRDB_CLUSTER_URL", "x", "CRDB_HOME",
										"/opt"))))
			.run((context) -> assertThat(output).containsOnlyOnce("does not exist")
				.contains("Property 'CRDB_TRANSACTION_MAX_ATEMPTS'")
				.contains("Did you mean 'crdb.transaction.max-attempts'?"));
	}

	@Test
	void deprecatedPropertyIsTold(CapturedOutput output) {
		List<KnownProperty> known = KnownProperty.parse("""
				{"properties": [{"name": "crdb.old", "type": "java.lang.String",
				"deprecation": {"reason": "It was too vague.", "replacement": "crdb.new"}}]}""");
		new ApplicationContextRunner().withPropertyValues("crdb.old=1")
			.withInitializer((context) -> context
				.addBeanFactoryPostProcessor(new PropertyNameCheck(context.getEnvironment(), known)))
			.run((context) -> assertThat(output).contains("Property 'crdb.old'")
				.contains("is deprecated. It was too vague. Use 'crdb.new' instead."));
	}

	@Test
	void switchedOffItSaysNothing(CapturedOutput output) {
		this.runner.withPropertyValues("crdb.enabled=false", "crdb.ulr=postgresql://localhost/bank")
			.run((context) -> assertThat(context).doesNotHaveBean(PropertyNameCheck.class));
		assertThat(output).doesNotContain("does not exist");
	}

}
