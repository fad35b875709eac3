package io.github.crdbspring.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;

/**
 * A test class that uses a real database. Methods take it as a parameter of type
 * {@link TestDatabase}. The profile {@code fast} of the build leaves it out.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("database")
@CrdbTestDatabase
public @interface DatabaseTest {

}
