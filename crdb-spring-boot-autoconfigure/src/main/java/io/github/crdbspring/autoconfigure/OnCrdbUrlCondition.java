package io.github.crdbspring.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Matches if {@code crdb.url} is set, and {@code spring.datasource.url}, which wins over
 * it, is not.
 */
final class OnCrdbUrlCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("CockroachDB URL");
		Environment environment = context.getEnvironment();
		if (!StringUtils.hasText(environment.getProperty("crdb.url"))) {
			return ConditionOutcome.noMatch(message.because("crdb.url is not set"));
		}
		if (StringUtils.hasText(environment.getProperty("spring.datasource.url"))) {
			return ConditionOutcome.noMatch(message.because("spring.datasource.url wins over crdb.url"));
		}
		return ConditionOutcome.match(message.because("crdb.url is set"));
	}

}
