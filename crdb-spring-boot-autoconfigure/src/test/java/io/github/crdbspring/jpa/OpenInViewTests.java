package io.github.crdbspring.jpa;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.crdbspring.autoconfigure.CrdbDataSourceAutoConfiguration;
import io.github.crdbspring.autoconfigure.CrdbTransactionAutoConfiguration;
import io.github.crdbspring.error.AmbiguousCommitException;
import io.github.crdbspring.error.MaxAttemptsExceededException;
import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.TestDatabase;
import io.github.crdbspring.test.WireProxy;
import io.github.crdbspring.test.WireProxy.Fault;
import io.github.crdbspring.transaction.Conflicts;
import jakarta.persistence.EntityManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions inside a web request, in which Spring Boot keeps a persistence
 * context open by default. The work of a test is done by a request to a real server.
 */
@DatabaseTest
class OpenInViewTests {

	private static Conflicts conflicts;

	private static WireProxy proxy;

	private static ConfigurableApplicationContext context;

	private static EntityManager entityManager;

	private static Service service;

	private final List<Integer> attempts = new ArrayList<>();

	private final List<Account> seen = new ArrayList<>();

	@BeforeAll
	static void start(TestDatabase database) {
		conflicts = new Conflicts(database);
		proxy = database.proxy();
		context = new SpringApplicationBuilder(Application.class).run("--spring.main.banner-mode=off",
				"--server.port=0", "--crdb.url=" + database.url(proxy), "--crdb.transaction.max-attempts=3",
				"--crdb.transaction.backoff.initial-interval=0", "--crdb.transaction.retry-spring-transactional=true",
				"--spring.datasource.hikari.maximum-pool-size=3", "--spring.datasource.hikari.minimum-idle=0");
		entityManager = context.getBean(EntityManager.class);
		service = context.getBean(Service.class);
	}

	@AfterAll
	static void stop() throws Exception {
		context.close();
		proxy.close();
	}

	@BeforeEach
	void reset() {
		conflicts.reset();
	}

	@Test
	void aRequestHasAPersistenceContextOfItsOwn() {
		request(() -> {
			Account account = find(1);
			service.crdb((attempt) -> this.seen.add(find(1)));
			assertThat(this.seen).containsExactly(account);
			assertThat(entityManager.contains(account)).isTrue();
			return "";
		});
	}

	@ParameterizedTest
	@EnumSource
	void aConflictInAStatementLeavesNothingForTheNextAttempt(Kind kind) {
		String response = request(() -> {
			kind.run(service, (attempt) -> change(attempt, (account) -> conflicts.lostUpdate(1)));
			return "" + find(1).getBalance();
		});
		assertThat(response).isEqualTo("1105");
		verifySecondAttempt(1105);
	}

	@ParameterizedTest
	@EnumSource
	void aConflictAtCommitLeavesNothingForTheNextAttempt(Kind kind) {
		String response = request(() -> {
			kind.run(service, (attempt) -> {
				Account account = attempted(attempt);
				Runnable write = () -> {
					find(2).setBalance(account.getBalance() + attempt);
					entityManager.flush();
				};
				if (attempt == 1) {
					conflicts.writeSkew(1, 2, write);
				}
				else {
					write.run();
				}
			});
			return "" + find(2).getBalance();
		});
		assertThat(response).isEqualTo("1102");
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.seen).doesNotHaveDuplicates();
	}

	@ParameterizedTest
	@EnumSource
	void aLostConnectionIsReplaced(Kind kind) {
		String response = request(() -> {
			kind.run(service, (attempt) -> change(attempt, (account) -> proxy.cutAll()));
			return "" + find(1).getBalance();
		});
		assertThat(response).isEqualTo("105");
		verifySecondAttempt(105);
	}

	@ParameterizedTest
	@EnumSource
	void afterTheLastAttemptTheRequestSeesWhatIsInTheDatabase(Kind kind) {
		String response = request(() -> {
			assertThatExceptionOfType(MaxAttemptsExceededException.class)
				.isThrownBy(() -> kind.run(service, (attempt) -> {
					attempted(attempt).setBalance(5);
					conflicts.lostUpdate(1);
				}));
			return find(1).getBalance() + " " + find(13);
		});
		assertThat(response).isEqualTo("3100 null");
		assertThat(this.attempts).containsExactly(1, 2, 3);
	}

	@ParameterizedTest
	@EnumSource
	void afterAnUnknownOutcomeTheRequestSeesWhatIsInTheDatabase(Kind kind) {
		String response = request(() -> {
			assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> kind.run(service, (attempt) -> {
				attempted(attempt).setBalance(5);
				proxy.failNext("COMMIT", Fault.REPLY_40003);
			}));
			assertThat(entityManager.contains(this.seen.get(0))).isFalse();
			return find(1).getBalance() + " " + find(11);
		});
		assertThat(response).isEqualTo("100 null");
	}

	@ParameterizedTest
	@EnumSource
	void afterAnUnknownOutcomeTheRequestGoesOnWithAnotherConnection(Kind kind) {
		String response = request(() -> {
			assertThatExceptionOfType(AmbiguousCommitException.class).isThrownBy(() -> kind.run(service, (attempt) -> {
				attempted(attempt).setBalance(5);
				proxy.failNext("COMMIT", Fault.CUT_AFTER);
			}));
			return "" + find(1).getBalance();
		});
		assertThat(response).isEqualTo("5");
	}

	@ParameterizedTest
	@EnumSource
	void anExceptionOfTheUsersLeavesNothingBehind(Kind kind) {
		String response = request(() -> {
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> kind.run(service, (attempt) -> {
				attempted(attempt).setBalance(5);
				throw new IllegalStateException("no");
			}));
			return find(1).getBalance() + " " + find(11);
		});
		assertThat(response).isEqualTo("100 null");
	}

	@ParameterizedTest
	@EnumSource
	void whatTheControllerHasReadIsDetachedByAFailedAttempt(Kind kind) {
		String response = request(() -> {
			Account account = find(2);
			kind.run(service, (attempt) -> {
				find(2).setBalance(attempt);
				change(attempt, (read) -> conflicts.lostUpdate(1));
			});
			assertThat(entityManager.contains(account)).isFalse();
			return account.getBalance() + " " + find(2).getBalance();
		});
		assertThat(response).isEqualTo("1 2");
		verifySecondAttempt(1105);
	}

	@ParameterizedTest
	@EnumSource
	void whatTheControllerHasReadIsNotReadAgainByTheFirstAttempt(Kind kind) {
		String response = request(() -> {
			Account account = find(1);
			conflicts.lostUpdate(1);
			kind.run(service, (attempt) -> {
				assertThat(attempted(attempt)).isSameAs(account);
				assertThat(account.getBalance()).isEqualTo(100);
				entityManager.refresh(account);
			});
			return "" + account.getBalance();
		});
		assertThat(response).isEqualTo("1100");
		assertThat(this.attempts).containsExactly(1);
	}

	@Test
	void aTransactionThatWasSuspendedKeepsItsEntities() {
		request(() -> {
			service.crdb((outer) -> {
				Account account = find(2);
				account.setBalance(7);
				service.requiresNew((attempt) -> change(attempt, (read) -> conflicts.lostUpdate(1)));
				assertThat(entityManager.contains(account)).isTrue();
			});
			return "";
		});
		verifySecondAttempt(1105);
		assertThat(conflicts.balance(2)).isEqualTo(7);
	}

	/**
	 * Read, fail in the first attempt, and write.
	 */
	private void change(int attempt, Consumer<Account> failure) {
		Account account = attempted(attempt);
		if (attempt == 1) {
			failure.accept(account);
		}
		account.setBalance(account.getBalance() + 5);
	}

	/**
	 * Read, and make an entity that only this attempt has.
	 */
	private Account attempted(int attempt) {
		this.attempts.add(attempt);
		Account account = find(1);
		this.seen.add(account);
		entityManager.persist(new Account(10 + attempt, 0));
		return account;
	}

	private void verifySecondAttempt(int balance) {
		assertThat(this.attempts).containsExactly(1, 2);
		assertThat(this.seen).doesNotHaveDuplicates();
		assertThat(conflicts.balance(1)).isEqualTo(balance);
		String response = request(() -> find(11) + " " + (find(12) != null));
		assertThat(response).isEqualTo("null true");
	}

	private static Account find(int id) {
		return entityManager.find(Account.class, id);
	}

	private static String request(Supplier<String> work) {
		return context.getBean(Controller.class)
			.request(context.getEnvironment().getProperty("local.server.port"), work);
	}

	/**
	 * Does the work of a test in a request.
	 */
	@RestController
	static class Controller {

		private Supplier<String> work;

		private Throwable failure;

		@GetMapping("/work")
		String work() {
			try {
				return this.work.get();
			}
			catch (Throwable ex) {
				this.failure = ex;
				return "failed";
			}
		}

		String request(String port, Supplier<String> work) {
			this.work = work;
			this.failure = null;
			try {
				HttpResponse<String> response = HttpClient.newHttpClient()
					.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/work")).build(),
							HttpResponse.BodyHandlers.ofString());
				assertThat(this.failure).isNull();
				assertThat(response.statusCode()).isEqualTo(200);
				return response.body();
			}
			catch (IOException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CrdbDataSourceAutoConfiguration.class, CrdbTransactionAutoConfiguration.class,
			DataSourceAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class, HttpMessageConvertersAutoConfiguration.class,
			TomcatServletWebServerAutoConfiguration.class, TransactionAutoConfiguration.class,
			WebMvcAutoConfiguration.class })
	@Import({ Controller.class, Service.class })
	static class Application {

		@Bean
		PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Account.class.getName());
		}

	}

}
