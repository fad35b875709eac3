package io.github.crdbspring.autoconfigure;

import java.lang.reflect.Field;
import java.sql.CallableStatement;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;

import io.github.crdbspring.jdbc.GuardedConnection;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What a native image has to know of this library beyond what it can see.
 */
final class CrdbRuntimeHints implements RuntimeHintsRegistrar {

	/**
	 * The interfaces of the proxies that guard a connection and what it hands out.
	 */
	private static final List<Class<?>> GUARDED = List.of(GuardedConnection.class, Statement.class,
			PreparedStatement.class, CallableStatement.class, DatabaseMetaData.class, ResultSet.class);

	/**
	 * The interface of one more such proxy, which is nobody else's to see.
	 */
	private static final String GUARDED_ARRAY = "io.github.crdbspring.jdbc.GuardedArray";

	/**
	 * The interface of the proxy around Hibernate's provider of connections for tenants.
	 */
	private static final String TENANT_CONNECTIONS = "org.hibernate.engine.jdbc.connections.spi.MultiTenantConnectionProvider";

	/**
	 * What is made from its name: by the driver for TLS, by HikariCP if a user names it
	 * in {@code exception-override-class-name}, and for Hibernate.
	 */
	private static final List<String> MADE_BY_NAME = List.of("io.github.crdbspring.url.CrdbSslSocketFactory",
			"io.github.crdbspring.url.ClientKeyPasswordCallback", "io.github.crdbspring.jdbc.CrdbExceptionOverride",
			CrdbHibernateJsonAutoConfiguration.FORMAT_MAPPER);

	/**
	 * What is looked for by its name.
	 */
	private static final List<String> LOOKED_FOR = List.of("org.springframework.orm.jpa.JpaTransactionManager",
			"org.hibernate.engine.spi.SessionImplementor");

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		GUARDED.forEach((type) -> hints.proxies().registerJdkProxy(type));
		hints.proxies().registerJdkProxy(TypeReference.of(GUARDED_ARRAY));
		if (ClassUtils.isPresent(TENANT_CONNECTIONS, classLoader)) {
			hints.proxies().registerJdkProxy(TypeReference.of(TENANT_CONNECTIONS));
		}
		MADE_BY_NAME.forEach((type) -> hints.reflection()
			.registerTypeIfPresent(classLoader, type, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS));
		LOOKED_FOR.forEach((type) -> hints.reflection().registerTypeIfPresent(classLoader, type));
		Field readOnly = ReflectionUtils.findField(LazyConnectionDataSourceProxy.class, "readOnlyDataSource");
		if (readOnly != null) {
			hints.reflection().registerField(readOnly);
		}
		// The starter's version, shown by the info endpoint
		hints.resources().registerPattern("META-INF/crdb-spring-boot.properties");
		hints.resources().registerPattern("io/github/crdbspring/transaction/outcome/schema-*.sql");
		hints.resources().registerPattern("io/github/crdbspring/changefeed/schema-*.sql");
	}

}
