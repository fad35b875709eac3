package io.github.crdbspring.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Matches if {@code crdb.url} is set, and {@code spring.datasource.url}, which wins over
 * it, is not. During AOT processing it never does, since both may be set when the
 * application starts; see {@link RuntimeCrdbUrlRegistrar}.
 */
final class OnCrdbUrlCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			return ConditionOutcome.noMatch(message().because("whether crdb.url is set is found out at run time"));
		}
		return evaluate(context.getEnvironment());
	}

	static ConditionOutcome evaluate(Environment environment) {
		boolean crdbUrl = StringUtils.hasText(environment.getProperty("crdb.url"));
		boolean dataSourceUrl = StringUtils.hasText(environment.getProperty("spring.datasource.url"));
		if (crdbUrl && dataSourceUrl) {
			return ConditionOutcome
				.noMatch(message().because("crdb.url is set, but spring.datasource.url is too and wins over it"));
		}
		if (crdbUrl) {
			return ConditionOutcome.match(message().because("crdb.url is set"));
		}
		return ConditionOutcome
			.noMatch(message().because(dataSourceUrl
					? "crdb.url is not set, and spring.datasource.url is: its connections are guarded if it "
							+ "is a URL of the PostgreSQL driver"
					: "crdb.url is not set, nor is spring.datasource.url"));
	}

	private static ConditionMessage.Builder message() {
		return ConditionMessage.forCondition("CockroachDB URL");
	}

}
