package io.github.crdbspring.url;

import java.io.IOException;
import java.util.Properties;

import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;

import org.jspecify.annotations.Nullable;

/**
 * Gives the driver the password of a client key that was {@linkplain TlsHandover handed
 * over}. Made by the driver.
 *
 * @since 0.1.0
 */
public final class ClientKeyPasswordCallback implements CallbackHandler {

	static final String HANDOVER_PARAMETER = "crdbTlsHandover";

	private final @Nullable String password;

	/**
	 * Create a new callback.
	 * @param properties the driver's properties of the connection
	 */
	public ClientKeyPasswordCallback(Properties properties) {
		this.password = password(properties);
	}

	static @Nullable String password(Properties properties) {
		String key = properties.getProperty(HANDOVER_PARAMETER);
		return (key != null) ? TlsHandover.keyPassword(key) : null;
	}

	@Override
	public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
		if (this.password == null) {
			throw new IOException("The application that this connection was for is closed");
		}
		for (Callback callback : callbacks) {
			if (!(callback instanceof PasswordCallback passwordCallback)) {
				throw new UnsupportedCallbackException(callback);
			}
			passwordCallback.setPassword(this.password.toCharArray());
		}
	}

}
