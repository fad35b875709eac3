package io.github.crdbspring.test;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.github.crdbspring.jdbc.CrdbDataSource;
import org.jspecify.annotations.Nullable;
import org.mockito.MockingDetails;
import org.mockito.Mockito;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.AopTestUtils;
import org.springframework.util.ClassUtils;

/**
 * The state of the application's objects at one time: of those that an action refers to,
 * and of the beans. Of collections it knows the size, of mocks how often they were
 * called.
 */
final class MemorySnapshot {

	private static final boolean MOCKITO = ClassUtils.isPresent("org.mockito.Mockito",
			MemorySnapshot.class.getClassLoader());

	private static final int DEPTH = 4;

	private final Map<String, State> states = new LinkedHashMap<>();

	private final Set<Object> visited = Collections.newSetFromMap(new IdentityHashMap<>());

	private final Roots roots;

	private MemorySnapshot(Roots roots) {
		this.roots = roots;
	}

	static MemorySnapshot take(Roots roots) {
		MemorySnapshot snapshot = new MemorySnapshot(roots);
		snapshot.addFields(roots.action(), "", DEPTH);
		roots.beans().forEach((name, bean) -> snapshot.add(name, bean, DEPTH));
		return snapshot;
	}

	/**
	 * Return where something is different later. Only what was there already can be.
	 */
	List<String> changed(MemorySnapshot later) {
		return later.states.keySet()
			.stream()
			.filter((path) -> this.states.containsKey(path)
					&& !Objects.equals(this.states.get(path), later.states.get(path)))
			.toList();
	}

	/**
	 * Return the state of something.
	 * @return the state, {@code null} if it is not there
	 */
	@Nullable State state(String path) {
		return this.states.get(path);
	}

	private void add(String path, @Nullable Object value, int depth) {
		Object object = target(value);
		if (object == null) {
			this.states.put(path, new State("null", null));
			return;
		}
		State state = describe(object);
		if (state != null) {
			this.states.put(path, state);
		}
		else if (depth > 0 && this.roots.isOfApplication(object.getClass()) && this.visited.add(object)) {
			addFields(object, object.getClass().getSimpleName() + ".", depth - 1);
		}
	}

	private void addFields(Object object, String prefix, int depth) {
		for (Class<?> type = object.getClass(); type != null && type != Object.class
				&& (this.roots.isOfApplication(type) || object == this.roots.action()); type = type.getSuperclass()) {
			for (Field field : type.getDeclaredFields()) {
				if (!Modifier.isStatic(field.getModifiers())) {
					add(prefix + name(object, field), read(object, field), depth);
				}
			}
		}
	}

	private String name(Object object, Field field) {
		return (object == this.roots.action()) ? field.getType().getSimpleName() + " of the action" : field.getName();
	}

	private static @Nullable Object read(Object object, Field field) {
		try {
			field.setAccessible(true);
			return field.get(object);
		}
		catch (IllegalAccessException | InaccessibleObjectException ex) {
			return null;
		}
	}

	private static @Nullable Object target(@Nullable Object value) {
		if (value instanceof AtomicReference<?> reference) {
			return reference.get();
		}
		try {
			return (value != null) ? AopTestUtils.getUltimateTargetObject(value) : null;
		}
		catch (IllegalStateException ex) {
			// A proxy of a scope that has nothing now
			return value;
		}
	}

	private static @Nullable State describe(Object object) {
		if (MOCKITO && Mocks.isMock(object)) {
			return Mocks.describe(object);
		}
		if (object instanceof Collection<?> collection) {
			return count(collection.size(), "element");
		}
		if (object instanceof Map<?, ?> map) {
			return count(map.size(), "entries", "entry");
		}
		if (object.getClass().isArray()) {
			return count(Array.getLength(object), "element");
		}
		boolean value = object instanceof Number || object instanceof CharSequence || object instanceof Boolean
				|| object instanceof Character || object instanceof Enum<?> || object instanceof AtomicBoolean
				|| object.getClass().getName().startsWith("java.time.") || object instanceof UUID;
		Double size = (object instanceof Number number) ? Double.valueOf(number.doubleValue()) : null;
		return value ? new State(object.toString(), size) : null;
	}

	private static State count(int number, String noun) {
		return count(number, noun + "s", noun);
	}

	private static State count(int number, String plural, String singular) {
		return new State(number + " " + ((number == 1) ? singular : plural), (double) number);
	}

	/**
	 * The state of something.
	 *
	 * @param text how to tell it
	 * @param size how much it is, {@code null} if it cannot be counted
	 */
	record State(String text, @Nullable Double size) {

		/**
		 * Return how much more it is later.
		 * @return the difference, {@code null} if it cannot be counted
		 */
		@Nullable Double growth(State later) {
			return (this.size != null && later.size != null) ? later.size - this.size : null;
		}

	}

	/**
	 * Where to begin, and what belongs to the application.
	 *
	 * @param action the action
	 * @param applicationContext the context of a Spring test
	 */
	record Roots(Object action, @Nullable ApplicationContext applicationContext) {

		private static final Set<CodeSource> OURS = ours();

		private static Set<CodeSource> ours() {
			return Set.of(MemorySnapshot.class.getProtectionDomain().getCodeSource(),
					CrdbDataSource.class.getProtectionDomain().getCodeSource());
		}

		boolean isOfApplication(Class<?> type) {
			if (type.isHidden() || type.isArray() || type.isPrimitive()) {
				return false;
			}
			String name = type.getName();
			return packages().stream().anyMatch((root) -> name.startsWith(root + "."))
					&& !OURS.contains(type.getProtectionDomain().getCodeSource());
		}

		private List<String> packages() {
			List<String> packages = new ArrayList<>();
			packages.add(this.action.getClass().getPackageName());
			if (this.applicationContext != null
					&& AutoConfigurationPackages.has(this.applicationContext.getAutowireCapableBeanFactory())) {
				packages.addAll(AutoConfigurationPackages.get(this.applicationContext.getAutowireCapableBeanFactory()));
			}
			return packages;
		}

		/**
		 * Return the singletons that exist.
		 */
		Map<String, Object> beans() {
			Map<String, Object> beans = new LinkedHashMap<>();
			if (this.applicationContext instanceof ConfigurableApplicationContext context) {
				ConfigurableListableBeanFactory factory = context.getBeanFactory();
				for (String name : factory.getSingletonNames()) {
					Object bean = factory.getSingleton(name);
					if (bean != null) {
						beans.put(name, bean);
					}
				}
			}
			return beans;
		}

	}

	/**
	 * Apart, so that Mockito may be missing.
	 */
	private static final class Mocks {

		static boolean isMock(Object object) {
			return Mockito.mockingDetails(object).isMock();
		}

		static State describe(Object mock) {
			MockingDetails details = Mockito.mockingDetails(mock);
			List<String> methods = details.getInvocations()
				.stream()
				.map((invocation) -> invocation.getMethod().getName())
				.filter((name) -> !name.equals("toString") && !name.equals("hashCode") && !name.equals("equals"))
				.toList();
			State calls = count(methods.size(), "call");
			return new State(calls.text() + (methods.isEmpty() ? "" : " (" + String.join(", ", methods) + ")"),
					calls.size());
		}

	}

}
