package io.github.crdbspring.changefeed;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;

import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.util.Assert;

/**
 * What a listener takes.
 *
 * @param rowType what a row is read as
 * @param event whether it comes in a {@link ChangeEvent}
 * @param list whether the rows of a transaction come in one call
 */
record ListenerArgument(Type rowType, boolean event, boolean list) {

	static ListenerArgument of(Method method) {
		Assert.isTrue(method.getReturnType() == void.class,
				() -> "Changefeed listener " + describe(method)
						+ " must return void: nobody would take what it returns, "
						+ "and what it does after its return would not be in the transaction");
		Assert.isTrue(method.getParameterCount() == 1,
				() -> "Changefeed listener " + describe(method)
						+ " must have one parameter: a row as a record, a class, "
						+ "a JsonNode, a Map or a String, in a ChangeEvent if wanted, or a List of these");
		ListenerArgument argument = of(ResolvableType.forMethodParameter(new MethodParameter(method, 0)));
		Assert.isTrue(!ResolvableType.forType(argument.rowType).hasUnresolvableGenerics(),
				() -> "The parameter of changefeed listener " + describe(method) + " must say the type of a row");
		return argument;
	}

	static ListenerArgument of(ResolvableType type) {
		boolean list = type.resolve(Object.class) == List.class;
		ResolvableType element = list ? type.getGeneric(0) : type;
		boolean event = element.resolve(Object.class) == ChangeEvent.class;
		ResolvableType row = event ? element.getGeneric(0) : element;
		return new ListenerArgument((row != ResolvableType.NONE) ? row.getType() : Object.class, event, list);
	}

	private static String describe(Method method) {
		return method.getDeclaringClass().getName() + "." + method.getName();
	}

}
