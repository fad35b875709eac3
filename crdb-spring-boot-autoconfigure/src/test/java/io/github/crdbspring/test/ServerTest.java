package io.github.crdbspring.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that uses servers with a certain configuration. Methods take them as
 * parameters of type {@link TlsPostgres}, {@link PasswordPostgres} or
 * {@link SecureCockroach}; each is started once, when it is first asked for. Where there
 * is no {@code cockroach} executable, methods with a {@link SecureCockroach} are skipped.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("database")
@ExtendWith(ServerExtension.class)
public @interface ServerTest {

}
