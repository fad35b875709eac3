package io.github.crdbspring.autoconfigure;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TenantConnectionGuard} with connections that it does not guard.
 */
class TenantConnectionGuardTests {

	private final List<String> calls = new ArrayList<>();

	private final TenantConnectionGuard guard = new TenantConnectionGuard(List.of(), true);

	@Test
	void connectionsOfAnotherDriverAreLeftAsTheyAre() throws SQLException {
		try (Connection connection = new DriverManagerDataSource("jdbc:h2:mem:tenants").getConnection()) {
			assertThat(guarded(connection).getConnection("shop")).isSameAs(connection);
			assertThat(guarded(connection).getAnyConnection()).isSameAs(connection);
		}
	}

	@Test
	void aConnectionThatCannotBeGuardedIsClosed() {
		Connection broken = fake(Connection.class, (name) -> {
			if (name.equals("isWrapperFor")) {
				throw new SQLException("broken");
			}
			return null;
		});
		MultiTenantConnectionProvider<String> provider = guarded(broken);
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> provider.getConnection("shop"))
			.withMessage("broken");
		assertThat(this.calls).containsExactly("getConnection", "isWrapperFor", "close");
	}

	@Test
	void anErrorOfTheProvidersIsItsOwn() {
		SQLException failure = new SQLException("no such tenant");
		MultiTenantConnectionProvider<String> provider = guarded(() -> {
			throw failure;
		});
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> provider.getConnection("shop"))
			.isSameAs(failure);
	}

	private MultiTenantConnectionProvider<String> guarded(Connection connection) {
		return guarded(() -> connection);
	}

	@SuppressWarnings("unchecked")
	private MultiTenantConnectionProvider<String> guarded(Source source) {
		return (MultiTenantConnectionProvider<String>) this.guard
			.guard(fake(MultiTenantConnectionProvider.class, (name) -> source.get()));
	}

	private <T> T fake(Class<T> type, Answer answer) {
		return type.cast(
				Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { type }, (proxy, method, args) -> {
					this.calls.add(method.getName());
					return answer.to(method.getName());
				}));
	}

	/**
	 * Gives a connection.
	 */
	private interface Source {

		Connection get() throws SQLException;

	}

	/**
	 * Answers a call.
	 */
	private interface Answer {

		Object to(String method) throws SQLException;

	}

}
