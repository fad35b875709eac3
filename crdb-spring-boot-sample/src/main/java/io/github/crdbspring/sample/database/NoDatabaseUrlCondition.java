package io.github.crdbspring.sample.database;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Matches if no database is configured.
 */
class NoDatabaseUrlCondition implements Condition {

	@Override
	public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
		return !StringUtils.hasText(context.getEnvironment().getProperty("crdb.url"))
				&& !StringUtils.hasText(context.getEnvironment().getProperty("spring.datasource.url"));
	}

}
