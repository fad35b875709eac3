package io.github.crdbspring.compatibility;

import java.time.Instant;
import java.util.Date;

import javax.sql.DataSource;

import io.github.crdbspring.test.DatabaseTest;
import io.github.crdbspring.test.FailurePoint;
import io.github.crdbspring.test.InjectRetries;
import io.github.crdbspring.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.server.authorization.JdbcOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.client.JdbcRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.provisioning.JdbcUserDetailsManager;
import org.springframework.security.web.authentication.rememberme.JdbcTokenRepositoryImpl;
import org.springframework.security.web.authentication.rememberme.PersistentRememberMeToken;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what Spring Security and Spring Authorization Server keep in the database.
 */
@DatabaseTest
class SecurityStoreTests {

	private static final String SCRIPTS = "org/springframework/security/oauth2/server/authorization/";

	private TestDatabase database;

	private ApplicationContextRunner runner;

	@BeforeEach
	void createRunner(TestDatabase testDatabase) {
		this.database = testDatabase;
		Applications.createTables(testDatabase, "users", "org/springframework/security/core/userdetails/jdbc/users.ddl",
				"varchar_ignorecase", "varchar");
		Applications.createTables(testDatabase, "persistent_logins",
				new ByteArrayResource(JdbcTokenRepositoryImpl.CREATE_TABLE_SQL.getBytes()));
		Applications.createTables(testDatabase, "oauth2_registered_client",
				SCRIPTS + "client/oauth2-registered-client-schema.sql");
		// As the script says
		Applications.createTables(testDatabase, "oauth2_authorization", SCRIPTS + "oauth2-authorization-schema.sql",
				" blob ", " text ", " timestamp ", " timestamptz ");
		this.runner = Applications.withTestKit(testDatabase).withUserConfiguration(Stores.class);
	}

	@Test
	@InjectRetries(at = FailurePoint.STATEMENT, statement = "insert into authorities")
	void aUserIsCreatedWithAllThatBelongsToThem() {
		this.runner.run((context) -> {
			JdbcUserDetailsManager users = context.getBean(JdbcUserDetailsManager.class);
			context.getBean(TransactionalWork.class).annotated(() -> {
				users.createUser(User.withUsername("betty").password("secret").roles("USER", "ADMIN").build());
				return true;
			});
			assertThat(users.loadUserByUsername("betty").getAuthorities()).hasSize(2);
		});
	}

	@Test
	@InjectRetries(transaction = "TransactionalWork.springs")
	void aTokenOfRememberMeIsReplaced() {
		this.runner.run((context) -> {
			JdbcTokenRepositoryImpl tokens = context.getBean(JdbcTokenRepositoryImpl.class);
			tokens.createNewToken(new PersistentRememberMeToken("betty", "series", "one", new Date()));
			context.getBean(TransactionalWork.class).springs(() -> {
				tokens.updateToken("series", "two", new Date());
				return true;
			});
			assertThat(tokens.getTokenForSeries("series").getTokenValue()).isEqualTo("two");
		});
	}

	@Test
	@InjectRetries
	void anAuthorizationIsStoredAndItsTokenReplaced() {
		this.runner.run((context) -> {
			TransactionalWork work = context.getBean(TransactionalWork.class);
			JdbcOAuth2AuthorizationService authorizations = context.getBean(JdbcOAuth2AuthorizationService.class);
			RegisteredClient client = RegisteredClient.withId("1")
				.clientId("shop")
				.authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
				.build();
			work.annotated(() -> {
				context.getBean(JdbcRegisteredClientRepository.class).save(client);
				authorizations.save(authorization(OAuth2Authorization.withRegisteredClient(client).id("a"), "first"));
				return true;
			});
			work.annotated(() -> {
				OAuth2Authorization found = authorizations.findByToken("first", OAuth2TokenType.REFRESH_TOKEN);
				authorizations.save(authorization(OAuth2Authorization.from(found), "second"));
				return true;
			});
			assertThat(authorizations.findByToken("first", OAuth2TokenType.REFRESH_TOKEN)).isNull();
			assertThat(authorizations.findByToken("second", OAuth2TokenType.REFRESH_TOKEN).getPrincipalName())
				.isEqualTo("betty");
		});
	}

	private static OAuth2Authorization authorization(OAuth2Authorization.Builder authorization, String token) {
		Instant now = Instant.now();
		return authorization.principalName("betty")
			.authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
			.accessToken(new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "access " + token, now,
					now.plusSeconds(60)))
			.refreshToken(new OAuth2RefreshToken(token, now))
			.build();
	}

	@Configuration(proxyBeanMethods = false)
	static class Stores {

		@Bean
		JdbcUserDetailsManager users(DataSource dataSource) {
			return new JdbcUserDetailsManager(dataSource);
		}

		@Bean
		JdbcTokenRepositoryImpl rememberMeTokens(DataSource dataSource) {
			JdbcTokenRepositoryImpl tokens = new JdbcTokenRepositoryImpl();
			tokens.setDataSource(dataSource);
			return tokens;
		}

		@Bean
		JdbcRegisteredClientRepository clients(JdbcTemplate jdbc) {
			return new JdbcRegisteredClientRepository(jdbc);
		}

		@Bean
		JdbcOAuth2AuthorizationService authorizations(JdbcTemplate jdbc, JdbcRegisteredClientRepository clients) {
			return new JdbcOAuth2AuthorizationService(jdbc, clients);
		}

	}

}
