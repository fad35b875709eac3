package io.github.crdbspring.test;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.crdbspring.test.RetrySafetyFinding.Kind;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.util.ClassUtils;

/**
 * Records the calls of beans that reach out, and of clocks. What is no such bean stays
 * the same instance.
 */
final class EffectPostProcessor implements BeanPostProcessor {

	private static final Set<String> SENDERS = Set.of("org.springframework.mail.MailSender",
			"org.springframework.jms.core.JmsOperations", "org.springframework.kafka.core.KafkaOperations",
			"org.springframework.amqp.core.AmqpTemplate",
			"org.springframework.messaging.core.MessageSendingOperations");

	private static final int ARGUMENT_LENGTH = 80;

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof Clock clock && bean.getClass().getName().startsWith("java.time.")) {
			return new RecordedClock(clock);
		}
		String sender = ClassUtils.getAllInterfacesAsSet(bean)
			.stream()
			.map(Class::getName)
			.filter(SENDERS::contains)
			.findFirst()
			.orElse(null);
		return (sender != null) ? record(bean) : bean;
	}

	private static Object record(Object bean) {
		ProxyFactory factory = new ProxyFactory(bean);
		Class<?> type = bean.getClass();
		factory.setProxyTargetClass(!Modifier.isFinal(type.getModifiers()) && !Proxy.isProxyClass(type));
		factory.addAdvice((MethodInterceptor) EffectPostProcessor::invoke);
		return factory.getProxy(type.getClassLoader());
	}

	private static @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Method method = invocation.getMethod();
		if (method.getDeclaringClass() != Object.class && isSending(method)) {
			Object target = Objects.requireNonNull(invocation.getThis());
			String arguments = Arrays.stream(invocation.getArguments())
				.map(EffectPostProcessor::describe)
				.collect(Collectors.joining(", "));
			SafetyCheck.record(Kind.CALL, target.getClass().getSimpleName() + "." + method.getName(),
					"(" + arguments + ")");
		}
		return invocation.proceed();
	}

	private static boolean isSending(Method method) {
		String name = method.getName();
		return name.startsWith("send") || name.startsWith("convertAndSend") || name.startsWith("receive")
				|| name.startsWith("execute");
	}

	private static String describe(@Nullable Object argument) {
		String text = String.valueOf(argument);
		return (text.length() > ARGUMENT_LENGTH) ? text.substring(0, ARGUMENT_LENGTH) + "…" : text;
	}

	/**
	 * A clock of the JDK's whose readings are recorded.
	 */
	private static final class RecordedClock extends Clock {

		private final Clock target;

		RecordedClock(Clock target) {
			this.target = target;
		}

		@Override
		public ZoneId getZone() {
			return this.target.getZone();
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return new RecordedClock(this.target.withZone(zone));
		}

		@Override
		public Instant instant() {
			SafetyCheck.record(Kind.CLOCK, "was read", "");
			return this.target.instant();
		}

		@Override
		public long millis() {
			SafetyCheck.record(Kind.CLOCK, "was read", "");
			return this.target.millis();
		}

	}

}
