package io.github.crdbspring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that uses a real database, which need not be installed. The server is the
 * first of these that there is, and the same for the whole run:
 * <ol>
 * <li>the one of {@code -Dcrdb.test.url=…} or of the environment variable
 * {@code CRDB_TEST_URL}</li>
 * <li>a {@code cockroach} executable, at the environment variable
 * {@code COCKROACH_BINARY} or on the {@code PATH}, started in memory</li>
 * <li>CockroachDB in Docker, if Testcontainers is on the class path; another image with
 * {@code -Dcrdb.test.image=…}</li>
 * <li>embedded PostgreSQL, serializable by default</li>
 * </ol>
 * On it each test class without Spring has a database of its own, which its methods take
 * as a parameter of type {@link TestDatabase}. In a Spring test the application context
 * has one: its DataSource leads there, whatever the properties say, unless there is a
 * service connection of the test's own.
 *
 * @since 0.1.0
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(DatabaseExtension.class)
public @interface CrdbTestDatabase {

}
