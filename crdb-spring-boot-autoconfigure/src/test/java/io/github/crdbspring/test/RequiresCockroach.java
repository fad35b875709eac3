package io.github.crdbspring.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

/**
 * A test of what only CockroachDB has. It is skipped on another database, and on an older
 * version.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@EnabledOnCockroach
public @interface RequiresCockroach {

	/**
	 * The oldest version that will do, such as {@code 22.1}; any if empty.
	 * @return a release line
	 */
	@AliasFor(annotation = EnabledOnCockroach.class, attribute = "value")
	String value() default "";

}
