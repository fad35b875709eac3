package io.github.crdbspring.changefeed;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Makes a method of a bean a listener for changes of tables: CockroachDB's changefeeds,
 * read over a connection of the database itself.
 * <p>
 * The method takes one argument: a row, as a record or class that Jackson reads, a
 * {@code JsonNode}, a {@code Map} or a {@code String}; a {@link ChangeEvent} of one of
 * these; or a {@code List} of any of them, which are the rows of one transaction. It
 * returns nothing.
 * <p>
 * The method and the change of its position are one transaction, which is <b>run
 * again</b> after conflicts and lost connections, so that what it writes to the same
 * database happens once for each change. What it does elsewhere may happen several times,
 * and is <b>not</b> taken back:
 *
 * <pre class="code">
 * // right: the sum is right whatever fails
 * &#064;CrdbChangefeedListener(id = "sums", tables = "transfer")
 * void add(Transfer transfer) {
 *     this.jdbc.sql("UPDATE total SET amount = amount + ?").param(transfer.amount()).update();
 * }
 *
 * // wrong: the mail may be sent more than once
 * &#064;CrdbChangefeedListener(id = "mails", tables = "transfer")
 * void mail(Transfer transfer) {
 *     this.mail.send(transfer.receipt());
 * }
 * </pre>
 *
 * An exception of the method's own rolls back; the method is called again, and after ten
 * tries the listener is paused, unless the {@link #errorHandler()} decides otherwise.
 * Calls come one after the other, on a thread of the listener's own.
 * <p>
 * <code>${placeholders}</code> and <code>#{expressions}</code> are resolved in all texts.
 *
 * @since 0.1.0
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Reflective(ListenerReflection.class)
public @interface CrdbChangefeedListener {

	/**
	 * The id, which names the listener in the tables, in metrics and in logs. It must not
	 * change, since the position is stored under it. {@code beanName.method} if empty.
	 * @return the id
	 */
	String id() default "";

	/**
	 * The tables, as in SQL; a text may name several, separated by commas.
	 * @return names of tables
	 */
	String[] tables() default {};

	/**
	 * A query in place of tables, from CockroachDB 22.2 on: a {@code SELECT} of one table
	 * with columns and a condition.
	 * @return the query
	 */
	String query() default "";

	/**
	 * When, and in which order, the method gets rows.
	 * @return the delivery
	 */
	Delivery delivery() default Delivery.RESOLVED;

	/**
	 * Where to start if no position is stored, in one of the forms of
	 * {@link io.github.crdbspring.transaction.SystemTime#parse(String)}; now if empty.
	 * @return a time in the past
	 */
	String startAt() default "";

	/**
	 * Whether to start with what the tables hold if no position is stored.
	 * @return whether to scan
	 */
	InitialScan initialScan() default InitialScan.NO;

	/**
	 * Whether rows come with what they were before. Then inserts are told from updates,
	 * and rows that were written without being changed are left out.
	 * @return {@code true} for rows before their change
	 */
	boolean before() default false;

	/**
	 * Whether one instance of the application consumes, with a position that is stored.
	 * Otherwise every instance gets what happens while it runs, and nothing is stored.
	 * @return {@code false} for all instances
	 */
	boolean exclusive() default true;

	/**
	 * Whether the method and the change of its position are one transaction. Otherwise
	 * the method has none, and gets rows again if it is interrupted. Without effect where
	 * not {@link #exclusive()}: then there is none.
	 * @return {@code false} for no transaction
	 */
	boolean transactional() default true;

	/**
	 * Whether it starts with the application: {@code true}, {@code false}, or a text that
	 * resolves to one of them.
	 * @return whether to start
	 */
	String autoStartup() default "true";

	/**
	 * What to do if the server has not kept what came after the position.
	 * @return the policy
	 */
	CursorExpiredPolicy onCursorExpired() default CursorExpiredPolicy.FAIL;

	/**
	 * The bean name of the {@link ChangefeedErrorHandler}; the only bean of that type, or
	 * what the property {@code crdb.changefeed.error-handler} says, if empty.
	 * @return a bean name
	 */
	String errorHandler() default "";

	/**
	 * The bean name or qualifier of the transaction manager, whose DataSource the feed is
	 * read from, too; the only or primary one if empty.
	 * @return a bean name or qualifier
	 */
	String transactionManager() default "";

}
