package io.github.crdbspring.transaction.annotation;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

import io.github.crdbspring.error.SilentRollbackException;
import io.github.crdbspring.jdbc.CrdbDataSource;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.transaction.CrdbTransactionOptions;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import io.github.crdbspring.transaction.TransactionAttempt;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.annotation.AliasFor;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.BeanFactoryTransactionAttributeSourceAdvisor;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbTransactional} and its advice.
 */
@DatabaseTest
class CrdbTransactionalTests {

	private static JdbcClient jdbc;

	private static CrdbDataSource dataSource;

	private final JdbcTransactionManager transactionManager = new JdbcTransactionManager(dataSource);

	private final CrdbTransactionTemplate template = new CrdbTransactionTemplate(this.transactionManager, dataSource,
			CrdbTransactionOptions.builder().maxAttempts(3).build());

	private final CrdbTransactionalAdvisor advisor = new CrdbTransactionalAdvisor((qualifier) -> this.template,
			(text) -> text.replace("${bound}", "7s"));

	@BeforeAll
	static void createTable(TestDatabase database) {
		dataSource = database.dataSource();
		jdbc = JdbcClient.create(dataSource);
		jdbc.sql("CREATE TABLE item (id INT PRIMARY KEY)").update();
	}

	@BeforeEach
	void deleteItems() {
		jdbc.sql("DELETE FROM item").update();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void runsTheMethodInATransactionAndAgainOnAConflict(boolean proxyTargetClass) {
		Target target = new Target();
		Service service = proxy(target, Service.class, proxyTargetClass);
		assertThat(service.conflictOnce(1)).isEqualTo("done");
		assertThat(target.attempts).extracting(TransactionAttempt::number).containsExactly(1, 2);
		assertThat(items()).isOne();
	}

	@Test
	void theNameIsClassAndMethodUnlessGiven() {
		Target target = new Target();
		Target service = proxy(target, Target.class, true);
		service.conflictOnce(1);
		service.named();
		assertThat(target.attempts).extracting(TransactionAttempt::name)
			.containsExactly("CrdbTransactionalTests.Target.conflictOnce", "CrdbTransactionalTests.Target.conflictOnce",
					"given");
	}

	@Test
	void theMethodsAnnotationBeatsItsTypes() {
		Target target = new Target();
		Target service = proxy(target, Target.class, true);
		service.named();
		service.plain();
		assertThat(target.attempts.get(0).options().timeout()).isEqualTo(Duration.ofSeconds(7));
		assertThat(target.attempts.get(0).maxAttempts()).isEqualTo(5);
		assertThat(target.attempts.get(1).options().timeout()).isNull();
		assertThat(target.attempts.get(1).maxAttempts()).isEqualTo(3);
	}

	@Test
	void attributesOfAMetaAnnotationArrive() {
		Target target = new Target();
		proxy(target, Target.class, true).composed();
		assertThat(target.attempts.get(0).maxAttempts()).isEqualTo(4);
		assertThat(target.attempts.get(0).options().readOnly()).isTrue();
	}

	@Test
	void aMethodOfAPackagePrivateKindIsAdvised() {
		Target target = new Target();
		proxy(target, Target.class, true).packagePrivate();
		assertThat(target.attempts).hasSize(1);
	}

	@Test
	void aTypesAnnotationSkipsWhatCannotBeRetried() {
		Target target = new Target();
		assertThat(proxy(target, Target.class, true).stream()).isEmpty();
		assertThat(target.attempts).isEmpty();
	}

	@Test
	void aCheckedExceptionRollsBackAndArrivesAsItIs() {
		IOException failure = new IOException("disk full");
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> proxy(new Target(), Target.class, true).insertAndThrow(1, failure))
			.isSameAs(failure);
		assertThat(items()).isZero();
	}

	@Test
	void noRollbackForCommitsAndThrows() {
		IllegalStateException failure = new IllegalStateException("tolerated");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> proxy(new Target(), Target.class, true).insertAndTolerate(1, failure))
			.isSameAs(failure);
		assertThat(items()).isOne();
	}

	@Test
	void rollbackForIsAnExceptionToNoRollbackFor() {
		IllegalStateException failure = new CancellationException("not tolerated");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> proxy(new Target(), Target.class, true).insertAndTolerate(1, failure))
			.isSameAs(failure);
		assertThat(items()).isZero();
	}

	@Test
	void noRollbackForCannotCommitWhatHasFailedOnTheServer() {
		assertThatExceptionOfType(SilentRollbackException.class)
			.isThrownBy(() -> proxy(new Target(), Target.class, true).insertDuplicate())
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasAtLeastOneElementOfType(DuplicateKeyException.class));
		assertThat(items()).isZero();
	}

	@Test
	void withSpringsOwnAnnotationOnTheSameMethodThereIsOneTransactionPerAttempt() {
		Target target = new Target();
		proxy(target, Target.class, true).bothAnnotations();
		assertThat(target.attempts).extracting(TransactionAttempt::number).containsExactly(1, 2);
		assertThat(target.resources).doesNotHaveDuplicates().hasSize(2);
	}

	@Test
	void anInnerAdviceRunsInEveryAttempt() {
		List<String> calls = new ArrayList<>();
		ProxyFactory factory = new ProxyFactory(new Target());
		factory.setProxyTargetClass(true);
		factory.addAdvisor(this.advisor);
		factory.addAdvice((MethodInterceptor) (invocation) -> {
			calls.add(invocation.getMethod().getName());
			return invocation.proceed();
		});
		((Target) factory.getProxy()).conflictOnce(1);
		assertThat(calls).containsExactly("conflictOnce", "conflictOnce");
	}

	private int items() {
		return jdbc.sql("SELECT count(*) FROM item").query(Integer.class).single();
	}

	private <T> T proxy(Object target, Class<T> type, boolean proxyTargetClass) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.setProxyTargetClass(proxyTargetClass);
		factory.addAdvisor(this.advisor);
		BeanFactoryTransactionAttributeSourceAdvisor spring = new BeanFactoryTransactionAttributeSourceAdvisor();
		AnnotationTransactionAttributeSource source = new AnnotationTransactionAttributeSource(false);
		spring.setTransactionAttributeSource(source);
		TransactionInterceptor interceptor = new TransactionInterceptor();
		interceptor.setTransactionManager(this.transactionManager);
		interceptor.setTransactionAttributeSource(source);
		spring.setAdvice(interceptor);
		factory.addAdvisor(spring);
		return type.cast(factory.getProxy());
	}

	/**
	 * What JDK proxies implement.
	 */
	interface Service {

		String conflictOnce(int id);

	}

	/**
	 * A composed annotation.
	 */
	@CrdbTransactional(readOnly = true)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Composed {

		@AliasFor(annotation = CrdbTransactional.class, attribute = "maxAttempts")
		int calls() default 2;

	}

	/**
	 * What is advised.
	 */
	@CrdbTransactional
	static class Target implements Service {

		private final List<TransactionAttempt> attempts = new ArrayList<>();

		private final List<Object> resources = new ArrayList<>();

		@Override
		public String conflictOnce(int id) {
			jdbc.sql("INSERT INTO item VALUES (?)").param(id).update();
			if (attempt().number() == 1) {
				throw new CannotAcquireLockException("conflict", new SQLException("restart transaction", "40001"));
			}
			return "done";
		}

		@CrdbTransactional(name = "given", maxAttempts = 5, timeout = "${bound}")
		void named() {
			attempt();
		}

		void plain() {
			attempt();
		}

		@Composed(calls = 4)
		void composed() {
			attempt();
		}

		void packagePrivate() {
			attempt();
		}

		Stream<String> stream() {
			TransactionAttempt.current().ifPresent(this.attempts::add);
			return Stream.empty();
		}

		void insertAndThrow(int id, IOException failure) throws IOException {
			jdbc.sql("INSERT INTO item VALUES (?)").param(id).update();
			throw failure;
		}

		@CrdbTransactional(noRollbackFor = IllegalStateException.class, rollbackFor = CancellationException.class)
		void insertAndTolerate(int id, IllegalStateException failure) {
			jdbc.sql("INSERT INTO item VALUES (?)").param(id).update();
			throw failure;
		}

		@CrdbTransactional(noRollbackFor = DuplicateKeyException.class)
		void insertDuplicate() {
			jdbc.sql("INSERT INTO item VALUES (1)").update();
			jdbc.sql("INSERT INTO item VALUES (1)").update();
		}

		@Transactional
		void bothAnnotations() {
			this.resources.add(TransactionSynchronizationManager.getResource(dataSource));
			conflictOnce(this.attempts.size());
		}

		private TransactionAttempt attempt() {
			TransactionAttempt attempt = TransactionAttempt.current().orElseThrow();
			this.attempts.add(attempt);
			return attempt;
		}

	}

}
