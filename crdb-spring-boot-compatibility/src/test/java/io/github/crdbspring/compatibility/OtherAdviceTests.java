package io.github.crdbspring.compatibility;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;

import io.github.crdbspring.compatibility.Applications.Proxies;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.TransactionAttempt;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.resilience4j.circuitbreaker.annotation.CircuitBreaker;
import io.github.resilience4j.springboot3.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot3.retry.autoconfigure.RetryAutoConfiguration;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.annotation.Observed;
import io.micrometer.observation.aop.ObservedAspect;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.constraints.Min;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.retry.annotation.Recover;
import org.springframework.retry.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.validation.annotation.Validated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that {@code @CrdbTransactional} has the place of {@code @Transactional} among
 * other advice.
 */
@DatabaseTest
class OtherAdviceTests {

	private Rival rival;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase database) {
		this.rival = new Rival(database);
		this.rival.reset();
		database.jdbc().sql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)").update();
		database.jdbc().sql("DELETE FROM item").update();
		database.jdbc().sql("INSERT INTO item VALUES (1)").update();
		this.runner = Applications.create(database, RetryAutoConfiguration.class, CircuitBreakerAutoConfiguration.class,
				ValidationAutoConfiguration.class);
	}

	static Stream<Arguments> applications() {
		return Stream.of(Proxies.SUBCLASSES, Proxies.INTERFACES)
			.flatMap((proxies) -> Stream.of(RetryFirst.class, TransactionsFirst.class)
				.map((configuration) -> Arguments.of(proxies, configuration)));
	}

	@ParameterizedTest
	@MethodSource("applications")
	void retriesOfOtherLibrariesBeginNewTransactions(Proxies proxies, Class<?> configuration) {
		proxies.apply(this.runner)
			.withUserConfiguration(configuration)
			.withPropertyValues("resilience4j.retry.instances.items.wait-duration=1ms")
			.withBean(InsertsWithRetry.class)
			.run((context) -> {
				Inserts inserts = context.getBean(Inserts.class);
				Map<String, Function<Inserts, Integer>> ways = Map.of("spring-retry", Inserts::springRetry,
						"spring-retry with Spring", Inserts::springRetryWithSpring, "Spring Framework",
						Inserts::framework, "Spring Framework with Spring", Inserts::frameworkWithSpring,
						"Resilience4j", Inserts::resilience4j, "Resilience4j with Spring",
						Inserts::resilience4jWithSpring);
				ways.forEach((way, insert) -> {
					inserts.reset();
					assertThatCode(() -> assertThat(insert.apply(inserts)).isEqualTo(2)).as(way)
						.doesNotThrowAnyException();
				});
				inserts.reset();
				assertThat(inserts.recover()).isEqualTo(-1);
				assertThat(inserts.recoverWithSpring()).isEqualTo(-1);
				assertThat(inserts.fallback()).isEqualTo(-1);
				assertThat(inserts.fallbackWithSpring()).isEqualTo(-1);
			});
	}

	@ParameterizedTest
	@EnumSource(Proxies.class)
	void whatIsNotAllowedBeginsNoTransaction(Proxies proxies) {
		proxies.apply(this.runner)
			.withUserConfiguration(SecurityConfiguration.class)
			.withBean(GuardedService.class)
			.run((context) -> {
				Guarded guarded = context.getBean(Guarded.class);
				assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> as("USER", guarded::work));
				assertThatExceptionOfType(AccessDeniedException.class)
					.isThrownBy(() -> as("USER", guarded::workWithSpring));
				assertThat(as("ADMIN", guarded::work)).isTrue();
				assertThat(as("ADMIN", guarded::workWithSpring)).isTrue();
				assertThat(guarded.checkedInTransaction()).containsOnly(false);
			});
	}

	private static boolean as(String role, BooleanSupplier work) {
		SecurityContextHolder.getContext()
			.setAuthentication(new TestingAuthenticationToken("somebody", "", "ROLE_" + role));
		try {
			return work.getAsBoolean();
		}
		finally {
			SecurityContextHolder.clearContext();
		}
	}

	@ParameterizedTest
	@EnumSource(Proxies.class)
	void aMethodRunsOnItsThreadAndItsFutureHasTheOutcome(Proxies proxies) {
		proxies.apply(this.runner)
			.withUserConfiguration(AsyncConfiguration.class)
			.withBean(BackgroundService.class)
			.run((context) -> {
				Background background = context.getBean(Background.class);
				assertThat(background.conflictOnce(this.rival).get(30, TimeUnit.SECONDS)).isEqualTo(2);
				assertThat(background.conflictOnceInFuture(this.rival).get(30, TimeUnit.SECONDS)).isEqualTo(2);
				assertThat(background.withSpring().get(30, TimeUnit.SECONDS)).isZero();
				assertThatExceptionOfType(ExecutionException.class)
					.isThrownBy(() -> background.unfinished().get(30, TimeUnit.SECONDS))
					.withCauseInstanceOf(IllegalStateException.class)
					.withMessageContaining("still under way");
			});
		assertThat(this.rival.balance(2)).isEqualTo(100);
	}

	@Test
	void argumentsAreValidatedAsWithSpring() {
		this.runner.withBean(ValidatedService.class).run((context) -> {
			ValidatedService service = context.getBean(ValidatedService.class);
			assertThat(service.work(1)).isOne();
			assertThatExceptionOfType(ConstraintViolationException.class).isThrownBy(() -> service.work(0));
			assertThatExceptionOfType(ConstraintViolationException.class).isThrownBy(() -> service.workWithSpring(0));
		});
	}

	@Test
	void observationsSeeWhatTheySeeWithSpring() {
		this.runner.withUserConfiguration(ObservationConfiguration.class)
			.withBean(ObservedService.class)
			.run((context) -> {
				context.getBean(ObservedService.class).work();
				context.getBean(ObservedService.class).workWithSpring();
				assertThat(context.getBean(TransactionRecorder.class).inTransaction).containsExactly(true, true);
			});
	}

	@Test
	void aScheduledMethodIsRetried() {
		this.runner.withUserConfiguration(SchedulingConfiguration.class)
			.withBean(Rival.class, () -> this.rival)
			.withBean(ScheduledService.class)
			.run((context) -> assertThat(context.getBean(ScheduledService.class).done().get(30, TimeUnit.SECONDS))
				.isEqualTo(2));
	}

	/**
	 * Inserts a key that is taken, and on its second call another one.
	 */
	interface Inserts {

		void reset();

		int springRetry();

		int springRetryWithSpring();

		// Spring Framework looks for it on the interface if the proxy has only that
		@org.springframework.resilience.annotation.Retryable(includes = DuplicateKeyException.class, delay = 0)
		int framework();

		@org.springframework.resilience.annotation.Retryable(includes = DuplicateKeyException.class, delay = 0)
		int frameworkWithSpring();

		int resilience4j();

		int resilience4jWithSpring();

		int recover();

		int recoverWithSpring();

		int fallback();

		int fallbackWithSpring();

	}

	static class InsertsWithRetry implements Inserts {

		private final JdbcClient jdbc;

		private int calls;

		InsertsWithRetry(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		public void reset() {
			this.calls = 0;
			this.jdbc.sql("DELETE FROM item WHERE id <> 1").update();
		}

		private int insert() {
			this.calls++;
			this.jdbc.sql("INSERT INTO item VALUES (?)").param(this.calls).update();
			return this.calls;
		}

		private void insertTaken() {
			this.jdbc.sql("INSERT INTO item VALUES (1)").update();
		}

		@Override
		@Retryable(retryFor = DuplicateKeyException.class, backoff = @Backoff(delay = 0))
		@CrdbTransactional
		public int springRetry() {
			return insert();
		}

		@Override
		@Retryable(retryFor = DuplicateKeyException.class, backoff = @Backoff(delay = 0))
		@Transactional
		public int springRetryWithSpring() {
			return insert();
		}

		@Override
		@CrdbTransactional
		public int framework() {
			return insert();
		}

		@Override
		@Transactional
		public int frameworkWithSpring() {
			return insert();
		}

		@Override
		@io.github.resilience4j.retry.annotation.Retry(name = "items")
		@CrdbTransactional
		public int resilience4j() {
			return insert();
		}

		@Override
		@io.github.resilience4j.retry.annotation.Retry(name = "items")
		@Transactional
		public int resilience4jWithSpring() {
			return insert();
		}

		@Override
		@Retryable(retryFor = DuplicateKeyException.class, maxAttempts = 1, recover = "recovered")
		@CrdbTransactional
		public int recover() {
			insertTaken();
			return 0;
		}

		@Override
		@Retryable(retryFor = DuplicateKeyException.class, maxAttempts = 1, recover = "recovered")
		@Transactional
		public int recoverWithSpring() {
			insertTaken();
			return 0;
		}

		@Recover
		int recovered(DuplicateKeyException failure) {
			return -1;
		}

		@Override
		@CircuitBreaker(name = "items", fallbackMethod = "instead")
		@CrdbTransactional
		public int fallback() {
			insertTaken();
			return 0;
		}

		@Override
		@CircuitBreaker(name = "items", fallbackMethod = "instead")
		@Transactional
		public int fallbackWithSpring() {
			insertTaken();
			return 0;
		}

		int instead(DuplicateKeyException failure) {
			return -1;
		}

	}

	interface Guarded {

		boolean work();

		boolean workWithSpring();

		List<Boolean> checkedInTransaction();

	}

	static class GuardedService implements Guarded {

		private final List<Boolean> checkedInTransaction;

		GuardedService(Guard guard) {
			this.checkedInTransaction = guard.inTransaction;
		}

		@Override
		@PreAuthorize("@guard.allows() and hasRole('ADMIN')")
		@CrdbTransactional
		public boolean work() {
			return TransactionSynchronizationManager.isActualTransactionActive();
		}

		@Override
		@PreAuthorize("@guard.allows() and hasRole('ADMIN')")
		@Transactional
		public boolean workWithSpring() {
			return TransactionSynchronizationManager.isActualTransactionActive();
		}

		@Override
		public List<Boolean> checkedInTransaction() {
			return this.checkedInTransaction;
		}

	}

	/**
	 * Notes whether it is asked inside of a transaction.
	 */
	public static class Guard {

		private final List<Boolean> inTransaction = new CopyOnWriteArrayList<>();

		public boolean allows() {
			return this.inTransaction.add(TransactionSynchronizationManager.isActualTransactionActive());
		}

	}

	interface Background {

		CompletableFuture<Integer> conflictOnce(Rival rival);

		CompletableFuture<Integer> conflictOnceInFuture(Rival rival);

		CompletableFuture<Integer> withSpring();

		CompletableFuture<Integer> unfinished();

	}

	static class BackgroundService implements Background {

		private final JdbcClient jdbc;

		BackgroundService(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		@Async
		@CrdbTransactional
		public CompletableFuture<Integer> conflictOnce(Rival rival) {
			return CompletableFuture.completedFuture(conflict(rival));
		}

		@Override
		@Async
		@CrdbTransactional
		public CompletableFuture<Integer> conflictOnceInFuture(Rival rival) {
			try {
				return CompletableFuture.completedFuture(conflict(rival));
			}
			catch (RuntimeException ex) {
				return CompletableFuture.failedFuture(ex);
			}
		}

		private int conflict(Rival rival) {
			int number = TransactionAttempt.current().orElseThrow().number();
			int balance = Rival.read(this.jdbc, 1);
			if (number == 1) {
				rival.intervene(1);
			}
			Rival.write(this.jdbc, 1, balance + 1);
			return number;
		}

		@Override
		@Async
		@Transactional
		public CompletableFuture<Integer> withSpring() {
			return CompletableFuture
				.completedFuture(TransactionAttempt.current().map(TransactionAttempt::number).orElse(0));
		}

		@Override
		@Async
		@CrdbTransactional
		public CompletableFuture<Integer> unfinished() {
			Rival.write(this.jdbc, 2, 0);
			return new CompletableFuture<>();
		}

	}

	@Validated
	static class ValidatedService {

		@CrdbTransactional
		int work(@Min(1) int number) {
			return number;
		}

		@Transactional
		int workWithSpring(@Min(1) int number) {
			return number;
		}

	}

	static class ObservedService {

		@Observed
		@CrdbTransactional
		void work() {
		}

		@Observed
		@Transactional
		void workWithSpring() {
		}

	}

	/**
	 * Notes whether observations begin inside of a transaction.
	 */
	static class TransactionRecorder implements ObservationHandler<Observation.Context> {

		private final List<Boolean> inTransaction = new CopyOnWriteArrayList<>();

		@Override
		public void onStart(Observation.Context context) {
			this.inTransaction.add(TransactionSynchronizationManager.isActualTransactionActive());
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

	static class ScheduledService {

		private final JdbcClient jdbc;

		private final Rival rival;

		private final CompletableFuture<Integer> done = new CompletableFuture<>();

		ScheduledService(JdbcClient jdbc, Rival rival) {
			this.jdbc = jdbc;
			this.rival = rival;
		}

		CompletableFuture<Integer> done() {
			return this.done;
		}

		@Scheduled(fixedDelay = 1, timeUnit = TimeUnit.DAYS)
		@CrdbTransactional
		void work() {
			int number = TransactionAttempt.current().map(TransactionAttempt::number).orElse(0);
			int balance = Rival.read(this.jdbc, 1);
			if (number == 1) {
				this.rival.intervene(1);
			}
			Rival.write(this.jdbc, 1, balance + 1);
			this.done.complete(number);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRetry
	@EnableResilientMethods
	static class RetryConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class TransactionConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ RetryConfiguration.class, TransactionConfiguration.class })
	static class RetryFirst {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ TransactionConfiguration.class, RetryConfiguration.class })
	static class TransactionsFirst {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	static class SecurityConfiguration {

		@Bean
		Guard guard() {
			return new Guard();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class SchedulingConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class ObservationConfiguration {

		@Bean
		TransactionRecorder transactionRecorder() {
			return new TransactionRecorder();
		}

		@Bean
		ObservedAspect observedAspect(TransactionRecorder recorder) {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig().observationHandler(recorder);
			return new ObservedAspect(registry);
		}

	}

}
