package io.github.crdbspring.stack;

import java.time.Duration;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.CrdbTransactionTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.session.jdbc.PostgreSqlJdbcIndexedSessionRepositoryCustomizer;
import org.springframework.session.jdbc.config.annotation.web.http.EnableJdbcHttpSession;
import org.springframework.transaction.support.TransactionOperations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for Spring Session's tables.
 */
@DatabaseTest
@TestInstance(Lifecycle.PER_CLASS)
class SpringSessionTests {

	private WireProxy proxy;

	private String url;

	@BeforeAll
	void createTables(TestDatabase database) throws Exception {
		Contexts.createTables(database, "org/springframework/session/jdbc/schema-postgresql.sql");
		this.proxy = database.proxy();
		this.url = database.url(this.proxy);
	}

	@AfterAll
	void closeProxy() throws Exception {
		this.proxy.close();
	}

	@Test
	void sessionsAreKept() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class)) {
			useAndDelete(repository(context));
		}
	}

	@Test
	void byDefaultAConflictReachesTheFilter() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, DefaultConfiguration.class)) {
			assertThatExceptionOfType(ConcurrencyFailureException.class)
				.isThrownBy(() -> saveInConflict(repository(context)));
		}
	}

	@Test
	void withTheRetryingTemplateAConflictIsRetried() {
		try (AnnotationConfigApplicationContext context = Contexts.start(this.url, RetryingConfiguration.class)) {
			useAndDelete(repository(context));
			String id = saveInConflict(repository(context));
			Session found = repository(context).findById(id);
			assertThat(found.<String>getAttribute("cart")).isEqualTo("two");
			assertThat(found.<String>getAttribute("last")).isEqualTo("page");
		}
	}

	private <S extends Session> void useAndDelete(FindByIndexNameSessionRepository<S> sessions) {
		S session = sessions.createSession();
		session.setAttribute("cart", "one");
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "maxroach");
		sessions.save(session);
		assertThat(sessions.findById(session.getId()).<String>getAttribute("cart")).isEqualTo("one");
		assertThat(sessions.findByPrincipalName("maxroach")).containsOnlyKeys(session.getId());
		S expired = sessions.findById(session.getId());
		expired.setMaxInactiveInterval(Duration.ZERO);
		sessions.save(expired);
		assertThat(sessions.findById(session.getId())).isNull();
		assertThat(sessions.findByPrincipalName("maxroach")).isEmpty();
	}

	private <S extends Session> String saveInConflict(FindByIndexNameSessionRepository<S> sessions) {
		S session = sessions.createSession();
		session.setAttribute("cart", "one");
		sessions.save(session);
		S found = sessions.findById(session.getId());
		found.setAttribute("cart", "two");
		found.setAttribute("last", "page");
		this.proxy.failNext("COMMIT", Fault.REPLY_40001);
		sessions.save(found);
		return found.getId();
	}

	@SuppressWarnings("unchecked")
	private static <S extends Session> FindByIndexNameSessionRepository<S> repository(
			AnnotationConfigApplicationContext context) {
		return context.getBean(FindByIndexNameSessionRepository.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcHttpSession
	static class DefaultConfiguration {

		@Bean
		SessionRepositoryCustomizer<JdbcIndexedSessionRepository> insertOnConflict() {
			return new PostgreSqlJdbcIndexedSessionRepositoryCustomizer();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RetryingConfiguration extends DefaultConfiguration {

		@Bean
		TransactionOperations springSessionTransactionOperations(CrdbTransactionTemplate template) {
			return template;
		}

	}

}
