package io.github.crdbspring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Makes transactions fail while a test method runs, so that they are run again: to show
 * that the code in them can be. On a test class for all its methods, those of nested and
 * derived classes included; the one on a method replaces that of its class, which
 * replaces {@code crdb.test.inject-retries.*}.
 *
 * <pre class="code">
 * &#64;Test
 * &#64;InjectRetries
 * void aTransferIsMadeOnce() {
 *     this.bank.transfer(1, 2, 100);          // runs twice, and is committed once
 *     assertThat(this.bank.balance(1)).isEqualTo(900);
 * }
 * </pre>
 *
 * <b>Which transactions fail:</b> those that this library would run again, in their first
 * {@link #times()} attempts; where a {@link #transaction()} is named, also one that was
 * begun by Spring's {@code @Transactional} with that name, the first {@code times} that
 * there are. Never a statement outside of a transaction.
 * <p>
 * <b>When:</b> while the test method itself runs, not in {@code @BeforeEach} and
 * {@code @AfterEach}. On the test's thread, on threads that it starts, and, unless tests
 * run in parallel, on any other, such as a server's. A method with this annotation in
 * which nothing came to fail is a failed test: it would show nothing.
 * <p>
 * <b>On what:</b> every DataSource that a Spring test has guarded; without Spring that of
 * {@link TestDatabase#dataSource()}, and any other after
 * {@link RetryInjection#install(io.github.crdbspring.jdbc.CrdbDataSource)}. Any server
 * will do. Nothing is left to chance.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(InjectRetriesExtension.class)
public @interface InjectRetries {

	/**
	 * How many attempts of a transaction fail, 0 for none: that exempts a test from what
	 * its class or the whole suite has. From {@code crdb.transaction.max-attempts} on,
	 * the caller gets the failure.
	 * @return the number of attempts
	 */
	int times() default 1;

	/**
	 * Whether {@link #times()} is that of each transaction. If not, it is that of the
	 * test method: the first attempts fail that there are, and then none.
	 * @return {@code true} by default
	 */
	boolean every() default true;

	/**
	 * Whether the failure is one of CockroachDB's own making, by its session variable
	 * {@code inject_retry_errors_enabled}, which takes 22.1, or for COMMIT
	 * {@code inject_retry_errors_on_commit_enabled}, which takes 23.1. Only for
	 * {@link FailurePoint#STATEMENT} and {@link FailurePoint#COMMIT}; on any other server
	 * the test fails, and says so.
	 * @return {@code false} by default
	 */
	boolean server() default false;

	/**
	 * Where they fail. At COMMIT, by default, the code has run to its end, and does so
	 * again.
	 * @return the point
	 */
	FailurePoint at() default FailurePoint.COMMIT;

	/**
	 * The name of the transactions that fail, such as {@code BankService.transfer}, with
	 * {@code *} for any text; all of this library's if empty.
	 * @return a name or pattern
	 */
	String transaction() default "";

	/**
	 * How the statement begins that fails, such as {@code UPDATE account}, with {@code %}
	 * for any text; case and white space do not matter. If empty, the first one does that
	 * is not a {@code SET}, {@code SHOW} or {@code SAVEPOINT}. Where COMMIT is to fail:
	 * only that of transactions with such a statement.
	 * @return the beginning of a statement
	 */
	String statement() default "";

}
