package io.github.crdbspring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.filter.annotation.TypeExcludeFilters;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.Environment;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * A test of code with transactions, on a real database that need not be installed: with
 * the DataSource, {@code JdbcClient} and {@code JdbcTemplate},
 * {@code CrdbTransactionTemplate} and {@code @CrdbTransactional}, Flyway's or Liquibase's
 * migrations, and nothing else of the application; {@code @Import} what is tested.
 *
 * <pre class="code">
 * &#64;CrdbTest
 * &#64;Import(BankService.class)
 * class BankServiceTests {
 *
 *     &#64;Test
 *     &#64;InjectRetries
 *     void aTransferIsMadeOnce(&#64;Autowired BankService bank) {
 *         …
 *     }
 *
 * }
 * </pre>
 *
 * Unlike with {@code @JdbcTest} and its kin a test method has no transaction around it,
 * in which nothing could be retried. Instead, all tables are emptied after each one,
 * except those of Flyway and Liquibase, and those to be kept.
 *
 * @since 0.1.0
 * @see CrdbTestDatabase
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@BootstrapWith(CrdbTestContextBootstrapper.class)
@ExtendWith(SpringExtension.class)
@OverrideAutoConfiguration(enabled = false)
@TypeExcludeFilters(CrdbTypeExcludeFilter.class)
@ImportAutoConfiguration
@CrdbTestDatabase
public @interface CrdbTest {

	/**
	 * Tables that are not emptied, such as those that a migration has filled.
	 * @return names of tables
	 */
	String[] keepTables() default {};

	/**
	 * Properties in form {@literal key=value} that should be added to the Spring
	 * {@link Environment} before the test runs.
	 * @return the properties to add
	 */
	String[] properties() default {};

	/**
	 * Determines if default filtering should be used with {@code @SpringBootApplication}.
	 * By default no beans are included.
	 * @return whether default filters should be used
	 * @see #includeFilters()
	 * @see #excludeFilters()
	 */
	boolean useDefaultFilters() default true;

	/**
	 * A set of include filters which can be used to add otherwise filtered beans to the
	 * application context.
	 * @return include filters to apply
	 */
	Filter[] includeFilters() default {};

	/**
	 * A set of exclude filters which can be used to filter beans that would otherwise be
	 * added to the application context.
	 * @return exclude filters to apply
	 */
	Filter[] excludeFilters() default {};

	/**
	 * Auto-configuration exclusions that should be applied for this test.
	 * @return auto-configuration exclusions to apply
	 */
	@AliasFor(annotation = ImportAutoConfiguration.class, attribute = "exclude")
	Class<?>[] excludeAutoConfiguration() default {};

}
