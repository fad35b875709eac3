package io.github.crdbspring.autoconfigure;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.sql.CallableStatement;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;

import io.github.crdbspring.changefeed.ChangeEvent;
import io.github.crdbspring.changefeed.CrdbChangefeedListener;
import io.github.crdbspring.jdbc.CrdbExceptionOverride;
import io.github.crdbspring.jdbc.GuardedConnection;
import io.github.crdbspring.transaction.annotation.CrdbTransactional;
import io.github.crdbspring.url.ClientKeyPasswordCallback;
import io.github.crdbspring.url.CrdbSslSocketFactory;
import org.hibernate.engine.spi.SessionImplementor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.orm.jpa.JpaTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

class CrdbRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@ParameterizedTest
	@ValueSource(classes = { GuardedConnection.class, Statement.class, PreparedStatement.class, CallableStatement.class,
			DatabaseMetaData.class, ResultSet.class })
	void guardsAreProxies(Class<?> type) {
		register();
		assertThat(RuntimeHintsPredicates.proxies().forInterfaces(type)).accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(strings = { "io.github.crdbspring.jdbc.GuardedArray",
			"org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider" })
	void guardsThatAreHiddenAreProxiesToo(Class<?> type) {
		register();
		assertThat(RuntimeHintsPredicates.proxies().forInterfaces(type)).accepts(this.hints);
	}

	@Test
	void theVersionIsAResource() {
		register();
		assertThat(getClass().getResource("/META-INF/crdb-spring-boot.properties")).isNotNull();
		assertThat(RuntimeHintsPredicates.resource().forResource("META-INF/crdb-spring-boot.properties"))
			.accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(classes = { CrdbSslSocketFactory.class, ClientKeyPasswordCallback.class, CrdbExceptionOverride.class })
	void whatIsNamedCanBeMade(Class<?> type) {
		register();
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(type.getConstructors()[0]))
			.accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(classes = { JpaTransactionManager.class, SessionImplementor.class })
	void whatIsLookedForCanBeFound(Class<?> type) {
		register();
		assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(this.hints);
	}

	@Test
	void withoutHikariThereIsNoExceptionOverride() {
		new CrdbRuntimeHints().registerHints(this.hints, new FilteredClassLoader("com.zaxxer.hikari"));
		assertThat(RuntimeHintsPredicates.proxies().forInterfaces(GuardedConnection.class)).accepts(this.hints);
	}

	@Test
	void annotatedMethodsCanBeReflectedOn() throws NoSuchMethodException {
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(this.hints, Service.class);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Service.class.getDeclaredMethod("annotated")))
			.accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Service.class.getDeclaredMethod("composed")))
			.accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Service.class.getDeclaredMethod("other")))
			.rejects(this.hints);
	}

	@Test
	void scriptsAreResources() {
		register();
		assertThat(
				RuntimeHintsPredicates.resource().forResource("io/github/crdbspring/changefeed/schema-cockroachdb.sql"))
			.accepts(this.hints);
	}

	@Test
	void changefeedListenersAndWhatTheyTakeCanBeReflectedOn() throws NoSuchMethodException {
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(this.hints, Listener.class);
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(Listener.class.getDeclaredMethod("on", List.class))).accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Row.class.getDeclaredMethod("id")))
			.accepts(this.hints);
	}

	@Test
	void annotatedTypesCanBeReflectedOn() {
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(this.hints, TypeLevelService.class);
		assertThat(RuntimeHintsPredicates.reflection().onType(TypeLevelService.class)).accepts(this.hints);
	}

	private void register() {
		AotServices.factories()
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter(CrdbRuntimeHints.class::isInstance)
			.forEach((registrar) -> registrar.registerHints(this.hints, getClass().getClassLoader()));
	}

	@CrdbTransactional(readOnly = true)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Reading {

	}

	static class Service {

		@CrdbTransactional
		void annotated() {
		}

		@Reading
		void composed() {
		}

		void other() {
		}

	}

	@CrdbTransactional
	static class TypeLevelService {

	}

	static class Listener {

		@CrdbChangefeedListener(tables = "row")
		void on(List<ChangeEvent<Row>> rows) {
		}

	}

	record Row(int id) {

	}

}
