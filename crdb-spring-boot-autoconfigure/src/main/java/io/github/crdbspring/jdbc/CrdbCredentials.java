package io.github.crdbspring.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * Credentials that change while the application runs: a bean of this type is asked for
 * them whenever the pool of {@code crdb.url} opens a physical connection. Connections
 * that are open stay so until the end of their lifetime, so what was used for them need
 * not be valid any more.
 * <p>
 * An implementation must be thread-safe, and should answer at once: fetch what takes time
 * beforehand, and keep it as long as it is valid. Nothing that it returns is logged.
 *
 * <pre class="code">
 * &#64;Bean
 * CrdbCredentials credentials(SecretStore secrets) {
 *     return () -&gt; secrets.current("bank");
 * }
 * </pre>
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CrdbCredentials {

	/**
	 * Return the password or token that is valid now.
	 * @return the password
	 */
	String getPassword();

	/**
	 * Return the user.
	 * @return the user, {@code null} for that of {@code crdb.url} or
	 * {@code crdb.username}, which is the default
	 */
	default @Nullable String getUsername() {
		return null;
	}

	/**
	 * Whether the password is a JSON Web Token, which CockroachDB has to be told when a
	 * connection is opened ({@code --crdb:jwt_auth_enabled=true} among the options).
	 * Asked once.
	 * @return {@code false} by default
	 * @see <a href= "https://www.cockroachlabs.com/docs/stable/sso-sql">CockroachDB:
	 * Cluster Single Sign-on</a>
	 */
	default boolean isJwt() {
		return false;
	}

}
