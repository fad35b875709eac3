package io.github.crdbspring.transaction.annotation;

import java.util.ArrayList;
import java.util.List;

import org.springframework.transaction.interceptor.NoRollbackRuleAttribute;
import org.springframework.transaction.interceptor.RollbackRuleAttribute;

/**
 * Which exceptions roll back: the rule whose type is nearest to the exception's decides,
 * as in Spring; where no rule applies, it rolls back.
 */
final class RollbackRules {

	private final List<RollbackRuleAttribute> rules = new ArrayList<>();

	RollbackRules(Class<? extends Throwable>[] rollbackFor, Class<? extends Throwable>[] noRollbackFor) {
		for (Class<? extends Throwable> type : rollbackFor) {
			this.rules.add(new RollbackRuleAttribute(type));
		}
		for (Class<? extends Throwable> type : noRollbackFor) {
			this.rules.add(new NoRollbackRuleAttribute(type));
		}
	}

	boolean rollbackOn(Throwable failure) {
		RollbackRuleAttribute winner = null;
		int deepest = Integer.MAX_VALUE;
		for (RollbackRuleAttribute rule : this.rules) {
			int depth = rule.getDepth(failure);
			if (depth >= 0 && depth < deepest) {
				deepest = depth;
				winner = rule;
			}
		}
		return !(winner instanceof NoRollbackRuleAttribute);
	}

}
