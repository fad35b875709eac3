package io.github.crdbspring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of what only CockroachDB has. Where the server of {@link CrdbTestDatabase} is
 * another database, or an older version, it is skipped, with that reason in the report.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(DatabaseExtension.class)
public @interface EnabledOnCockroach {

	/**
	 * The oldest version that will do, such as {@code 23.1}; any if empty.
	 * @return a release line
	 */
	String value() default "";

}
