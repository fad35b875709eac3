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
			return ConditionOutcome.noMatch(message().because("crdb.url is evaluated at run time"));
		}
		return evaluate(context.getEnvironment());
	}

	static ConditionOutcome evaluate(Environment environment) {
		String dataSourceUrl = environment.getProperty("spring.datasource.url");
		boolean isDataSourceUrlSet = StringUtils.hasText(dataSourceUrl);
		if (!StringUtils.hasText(environment.getProperty("crdb.url"))) {
			return ConditionOutcome.noMatch(message().because("crdb.url is not set; "
					+ (isDataSourceUrlSet ? "spring.datasource.url is" : "neither is spring.datasource.url")));
		}
		return isDataSourceUrlSet
				? ConditionOutcome.noMatch(message().because("crdb.url is set, but spring.datasource.url wins over it"))
				: ConditionOutcome.match(message().because("crdb.url is set"));
	}

	private static ConditionMessage.Builder message() {
		return ConditionMessage.forCondition("CockroachDB URL");
	}

}
