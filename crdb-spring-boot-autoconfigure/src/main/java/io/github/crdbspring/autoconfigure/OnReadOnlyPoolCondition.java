package io.github.crdbspring.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Matches if read-only transactions go to a pool of their own: there is a URL for it, or
 * it is asked for, and {@code crdb.read-only.enabled} is not {@code false}.
 */
final class OnReadOnlyPoolCondition extends SpringBootCondition {

	private static final String ENABLED = "crdb.read-only.enabled";

	private static final String URL = "crdb.read-only.url";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Read-only pool");
		return isAskedFor(context.getEnvironment())
				? ConditionOutcome.match(message.because(ENABLED + " or " + URL + " is set")) : ConditionOutcome
					.noMatch(message.because(ENABLED + " is false, or neither it nor " + URL + " is set"));
	}

	static boolean isAskedFor(Environment environment) {
		Boolean enabled = environment.getProperty(ENABLED, Boolean.class);
		return (enabled != null) ? enabled : StringUtils.hasText(environment.getProperty(URL));
	}

}
