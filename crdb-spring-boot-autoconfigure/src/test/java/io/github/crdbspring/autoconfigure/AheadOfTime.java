package io.github.crdbspring.autoconfigure;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.assertj.core.api.Assertions;

import org.springframework.aot.AotDetector;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.SpringProperties;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

/**
 * An application that was processed ahead of time, as the build of one does. For tests
 * with a forked class loader only, which can have one such application each.
 */
final class AheadOfTime {

	private final ApplicationContextInitializer<GenericApplicationContext> initializer;

	private AheadOfTime(ApplicationContextInitializer<GenericApplicationContext> initializer) {
		this.initializer = initializer;
	}

	/**
	 * Process an application with properties that are set when it is built.
	 */
	static AheadOfTime build(Class<?> configuration, String... properties) {
		TestGenerationContext generated = new TestGenerationContext();
		ClassName initializer = generate(configuration, TestPropertyValues.of(properties), generated);
		AtomicReference<ApplicationContextInitializer<GenericApplicationContext>> compiled = new AtomicReference<>();
		TestCompiler.forSystem()
			.with(generated)
			.compile((classes) -> compiled.set(instantiate(classes.getInstance(Object.class, initializer.toString()))));
		return new AheadOfTime(compiled.get());
	}

	private static ClassName generate(Class<?> configuration, TestPropertyValues properties,
			TestGenerationContext generated) {
		System.setProperty(AbstractAotProcessor.AOT_PROCESSING, "true");
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			properties.applyTo(context);
			context.register(configuration);
			ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generated);
			generated.writeGeneratedContent();
			return initializer;
		}
		finally {
			System.clearProperty(AbstractAotProcessor.AOT_PROCESSING);
		}
	}

	@SuppressWarnings("unchecked")
	private static ApplicationContextInitializer<GenericApplicationContext> instantiate(Object initializer) {
		return (ApplicationContextInitializer<GenericApplicationContext>) initializer;
	}

	/**
	 * Start the application with properties that are set at run time.
	 */
	void run(Consumer<GenericApplicationContext> test, String... properties) {
		SpringProperties.setFlag(AotDetector.AOT_ENABLED);
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			TestPropertyValues.of(properties).applyTo(context);
			this.initializer.initialize(context);
			context.refresh();
			test.accept(context);
		}
		finally {
			SpringProperties.setProperty(AotDetector.AOT_ENABLED, null);
		}
	}

	/**
	 * Try to start the application, which must fail.
	 * @return what it failed with
	 */
	Exception fail(String... properties) {
		return Assertions.catchException(() -> run((context) -> {
		}, properties));
	}

}
