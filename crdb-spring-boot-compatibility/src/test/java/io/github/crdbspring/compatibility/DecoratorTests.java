package io.github.crdbspring.compatibility;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.p6spy.engine.spy.P6DataSource;
import io.github.crdbspring.autoconfigure.CrdbHealthContributorAutoConfiguration;
import io.github.crdbspring.error.CockroachRequiredException;
import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for decorators of DataSources, around the guarded one as their starters put them,
 * and beneath it.
 */
@DatabaseTest
class DecoratorTests {

	private TestDatabase database;

	private Rival rival;

	@BeforeEach
	void reset(TestDatabase testDatabase) {
		this.database = testDatabase;
		this.rival = new Rival(testDatabase);
		this.rival.reset();
	}

	static Stream<Arguments> decorators() {
		UnaryOperator<DataSource> proxy = (
				dataSource) -> ProxyDataSourceBuilder.create(dataSource).name("seen").countQuery().build();
		UnaryOperator<DataSource> spy = P6DataSource::new;
		return Stream.of(Named.of("datasource-proxy", proxy), Named.of("P6Spy", spy))
			.flatMap((decorator) -> Stream.of(Arguments.of(decorator, true), Arguments.of(decorator, false)));
	}

	@ParameterizedTest(name = "{0}, around = {1}")
	@MethodSource("decorators")
	@InjectRetries
	void aConflictAtCommitIsRetried(UnaryOperator<DataSource> decorator, boolean around) {
		assertRetried(decorator, around);
	}

	@ParameterizedTest(name = "{0}, around = {1}")
	@MethodSource("decorators")
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "UPDATE")
	void aConflictInAStatementIsRetried(UnaryOperator<DataSource> decorator, boolean around) {
		assertRetried(decorator, around);
	}

	@ParameterizedTest(name = "{0}, around = {1}")
	@MethodSource("decorators")
	void theServerIsSeenThroughIt(UnaryOperator<DataSource> decorator, boolean around) {
		ApplicationContextRunner runner = decorated(decorator, around);
		runner.run((context) -> {
			assertThat(context.getBean(HealthIndicator.class).health()).satisfies((health) -> {
				assertThat(health.getStatus()).isEqualTo(Status.UP);
				assertThat(health.getDetails()).containsEntry("vendor", this.database.serverInfo().vendor());
			});
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			assertThatException().isThrownBy(() -> context.getBean(TransactionalWork.class).springs(() -> {
				Rival.write(jdbc, 1, 105);
				assertThatException().isThrownBy(() -> jdbc.sql("SELECT 1/0").query().singleValue());
				return true;
			})).withStackTraceContaining(SilentRollbackException.class.getName());
		});
		runner.withPropertyValues("crdb.require-cockroachdb=true").run((context) -> {
			if (this.database.isCockroach()) {
				assertThat(context).hasNotFailed();
			}
			else {
				assertThat(context.getStartupFailure()).hasCauseInstanceOf(CockroachRequiredException.class);
			}
		});
	}

	private void assertRetried(UnaryOperator<DataSource> decorator, boolean around) {
		decorated(decorator, around).run((context) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			List<Integer> attempts = new ArrayList<>();
			context.getBean(TransactionalWork.class).annotated(() -> {
				attempts.add(TransactionAttempt.current().orElseThrow().number());
				Rival.write(jdbc, 1, Rival.read(jdbc, 1) + 5);
				return true;
			});
			assertThat(attempts).containsExactly(1, 2);
			assertThat(this.rival.balance(1)).isEqualTo(105);
		});
	}

	private ApplicationContextRunner decorated(UnaryOperator<DataSource> decorator, boolean around) {
		ApplicationContextRunner runner = Applications.withTestKit(this.database,
				CrdbHealthContributorAutoConfiguration.class);
		return around ? runner.withBean(Decorating.class, () -> new Decorating(decorator))
				: runner.withBean("dataSource", DataSource.class, () -> decorator.apply(this.database.pool(4)));
	}

	/**
	 * As the starters of these libraries do it.
	 */
	static class Decorating implements BeanPostProcessor {

		private final UnaryOperator<DataSource> decorator;

		Decorating(UnaryOperator<DataSource> decorator) {
			this.decorator = decorator;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof DataSource dataSource) ? this.decorator.apply(dataSource) : bean;
		}

	}

}
