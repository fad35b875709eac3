package io.github.crdbspring.transaction.annotation;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.BeanReference;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.InlineMap;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/**
 * A SpEL expression over a method's arguments. All of its names are known: one that is
 * not would silently stand for {@code null}.
 */
final class MethodExpression {

	private static final ParameterNameDiscoverer parameterNameDiscoverer = new DefaultParameterNameDiscoverer();

	private final Method method;

	private final Expression expression;

	/**
	 * Create a new expression.
	 * @throws IllegalArgumentException if it has a name that is not one of the method's
	 * parameters
	 */
	MethodExpression(Method method, String text) {
		this.method = method;
		SpelExpression expression = new SpelExpressionParser().parseRaw(text);
		this.expression = expression;
		checkNames(expression);
	}

	private void checkNames(SpelExpression expression) {
		Set<String> unknown = new TreeSet<>();
		@Nullable String @Nullable [] parameters = parameterNameDiscoverer.getParameterNames(this.method);
		Set<String> known = names(parameters);
		collectUnknown(expression.getAST(), known, true, unknown);
		if (!unknown.isEmpty()) {
			throw new IllegalArgumentException("expression '" + expression.getExpressionString() + "' has the unknown "
					+ ((unknown.size() > 1) ? "names " : "name ") + String.join(", ", unknown) + "; "
					+ ((parameters != null) ? "the method's parameters are " + Arrays.toString(parameters)
							: "the names of the method's parameters are not in its class: compile it with -parameters, "
									+ "or use #a0, #a1 and so on"));
		}
	}

	private Set<String> names(@Nullable String @Nullable [] parameters) {
		Set<String> known = new LinkedHashSet<>(Set.of("this", "root"));
		for (int i = 0; i < this.method.getParameterCount(); i++) {
			known.add("a" + i);
			known.add("p" + i);
			if (parameters != null && parameters[i] != null) {
				known.add(parameters[i]);
			}
		}
		return known;
	}

	/**
	 * Collect names that have no meaning.
	 * @param onRoot whether a name without # would be one of the root object's, which has
	 * none
	 */
	private static void collectUnknown(SpelNode node, Set<String> known, boolean onRoot, Set<String> unknown) {
		if (node instanceof VariableReference && !known.contains(node.toStringAST().substring(1))) {
			unknown.add(node.toStringAST());
		}
		else if (node instanceof FunctionReference || node instanceof BeanReference
				|| (onRoot && node instanceof PropertyOrFieldReference)) {
			unknown.add(node.toStringAST());
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			if (node instanceof InlineMap && i % 2 == 0) {
				// The key of an entry, which needs no quotes
				continue;
			}
			boolean child = onRoot && !(node instanceof Projection) && !(node instanceof Selection)
					&& !(node instanceof Indexer) && !(node instanceof CompoundExpression && i > 0);
			collectUnknown(node.getChild(i), known, child, unknown);
		}
	}

	@SuppressWarnings("NullAway") // JDK 17 does not see that the context takes null
									// arguments
	@Nullable Object evaluate(@Nullable Object[] arguments) {
		return this.expression
			.getValue(new MethodBasedEvaluationContext(new Object(), this.method, arguments, parameterNameDiscoverer));
	}

	@Override
	public String toString() {
		return "'" + this.expression.getExpressionString() + "' of " + this.method;
	}

}
