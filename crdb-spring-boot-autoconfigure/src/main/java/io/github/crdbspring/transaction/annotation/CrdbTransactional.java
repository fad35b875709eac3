package io.github.crdbspring.transaction.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.github.crdbspring.transaction.NestedTransactionPolicy;
import io.github.crdbspring.transaction.OutcomePolicy;
import io.github.crdbspring.transaction.QualityOfService;
import io.github.crdbspring.transaction.TransactionPriority;

import org.springframework.aot.hint.annotation.Reflective;
import org.springframework.core.annotation.AliasFor;
import org.springframework.transaction.annotation.Isolation;

/**
 * Runs a method, or every method of a type, in a transaction, and runs both again when,
 * and only when, that is safe. A method's annotation beats its type's.
 * <p>
 * <b>Retried</b>, each time in a new transaction and with a pause before it: SQLSTATE
 * 40001 wherever it surfaces, in a statement or at COMMIT, and a connection lost before
 * COMMIT was sent. <b>Not retried</b>: everything else; an unknown outcome is retried
 * only where {@link #idempotent()} or read-only. See
 * {@link io.github.crdbspring.transaction.CrdbTransactionTemplate} for the details and
 * the exceptions.
 * <p>
 * The method may run several times, and must not do what a rollback does not undo:
 *
 * <pre class="code">
 * // wrong: the mail is sent once per attempt
 * &#064;CrdbTransactional
 * public void transfer(...) {
 *     accounts.move(from, to, amount);
 *     mail.send(receipt);
 * }
 * </pre>
 *
 * As with {@code @Transactional}, a call from within the same object bypasses the advice,
 * which has the place of that of {@code @Transactional} among other advice: caching,
 * security and the retries of other libraries are outside of it.
 * <p>
 * Refused when the bean is created is a method that cannot be run again, since its work
 * is not done when it returns ({@code Future}, {@code CompletionStage}, {@code Stream},
 * {@code Iterator}, any {@code Publisher}, Kotlin's {@code Flow}, {@code Sequence} and
 * {@code Deferred}, or a {@code Continuation} parameter); an annotation on the type skips
 * it, and with {@code @Async} a future is fine. So is one that no proxy can intercept,
 * and a {@code @TransactionalEventListener} that is called after the transaction, unless
 * {@link #nested()} is {@code REQUIRES_NEW}.
 * <p>
 * On a Spring Data repository, the annotation on the interface is about all of its
 * methods, inherited ones included.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Reflective
public @interface CrdbTransactional {

	/**
	 * Alias for {@link #transactionManager()}.
	 * @return the bean name or qualifier of the transaction manager
	 */
	@AliasFor("transactionManager")
	String value() default "";

	/**
	 * The bean name or qualifier of the transaction manager; the only or primary one if
	 * empty.
	 * @return the bean name or qualifier of the transaction manager
	 */
	@AliasFor("value")
	String transactionManager() default "";

	/**
	 * The name for metrics, logs and exceptions; {@code ShortClassName.method} if empty,
	 * and for a repository {@code RepositoryInterface.method}.
	 * @return the name
	 */
	String name() default "";

	/**
	 * The priority in conflicts with other transactions.
	 * @return the priority
	 */
	TransactionPriority priority() default TransactionPriority.DEFAULT;

	/**
	 * The priority from the second attempt on; the same as for the first by default.
	 * @return the priority of a retry
	 */
	TransactionPriority retryPriority() default TransactionPriority.DEFAULT;

	/**
	 * The time as of which the transaction reads, in one of the forms of
	 * {@link io.github.crdbspring.transaction.SystemTime#parse(String)}. A
	 * <code>${placeholder}</code> is resolved. A text that starts with {@code #} is a
	 * SpEL expression over the method's arguments, which gives a {@code SystemTime}, a
	 * {@code Duration} (that long ago), an {@code Instant}, an {@code OffsetDateTime}, a
	 * text, or {@code null} for none. Implies read-only.
	 * @return the system time
	 */
	String systemTime() default "";

	/**
	 * How urgent the transaction's work is to an overloaded server, from CockroachDB 22.1
	 * on. Costs a round trip, the same as that of other options, and the server's own
	 * retries of the first statement.
	 * @return the quality of service
	 */
	QualityOfService qualityOfService() default QualityOfService.DEFAULT;

	/**
	 * A duration with a unit ({@code 500ms}, {@code PT2S}, or a
	 * <code>${placeholder}</code>) that bounds each wait for a lock of another
	 * transaction, reads included. What waits longer fails with SQLSTATE 55P03, and is
	 * not run again. From CockroachDB 21.2 on, and on PostgreSQL; costs what
	 * {@link #qualityOfService()} costs.
	 * @return the timeout
	 */
	String lockTimeout() default "";

	/**
	 * Whether the transaction only reads.
	 * @return {@code true} if it only reads
	 */
	boolean readOnly() default false;

	/**
	 * The isolation level.
	 * @return the isolation level
	 */
	Isolation isolation() default Isolation.DEFAULT;

	/**
	 * What happens inside another transaction.
	 * @return the nesting policy
	 */
	NestedTransactionPolicy nested() default NestedTransactionPolicy.DEFAULT;

	/**
	 * How often the method is called at most, the first time included; 1 switches
	 * retrying off, 0 stands for the configured default.
	 * @return the number of calls
	 */
	int maxAttempts() default 0;

	/**
	 * A duration with a unit ({@code 10s}, {@code PT10S}, or a
	 * <code>${placeholder}</code>) that bounds all attempts and the pauses between them.
	 * @return the timeout
	 */
	String timeout() default "";

	/**
	 * Whether the method may be run again when it is unknown whether it was committed.
	 * @return {@code true} if running it twice does no harm
	 */
	boolean idempotent() default false;

	/**
	 * What happens when it is unknown whether the transaction was committed: it is
	 * reported, or found out.
	 * @return the policy
	 */
	OutcomePolicy outcome() default OutcomePolicy.DEFAULT;

	/**
	 * What calls that conflict with each other have in common: SpEL expressions over the
	 * method's arguments, such as {@code #account} or {@code #transfer.source}. Where
	 * conflicts concentrate on a key, only calls with that key wait for each other.
	 * {@code null} is no key; of a collection or an array each element is one. Without
	 * any, the arguments that are UUIDs, numbers, text or enums are tried.
	 * @return the expressions
	 */
	String[] contentionKey() default {};

	/**
	 * Exceptions that roll back, as exceptions to {@link #noRollbackFor()}: by default
	 * every Throwable rolls back, checked ones included.
	 * @return exception types
	 */
	Class<? extends Throwable>[] rollbackFor() default {};

	/**
	 * Exceptions after which the transaction is committed all the same. If it has failed
	 * on the server, nothing can be committed, and a
	 * {@link io.github.crdbspring.error.SilentRollbackException} says so.
	 * @return exception types
	 */
	Class<? extends Throwable>[] noRollbackFor() default {};

}
