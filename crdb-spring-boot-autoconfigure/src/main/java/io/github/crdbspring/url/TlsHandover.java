package io.github.crdbspring.url;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import javax.net.ssl.SSLSocketFactory;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Hands over to the driver what it needs for TLS and what does not fit into a URL, or
 * must not be in it: sockets that the application makes, or the password of a client key.
 * The driver makes its helpers by itself, from the names of their classes, so they look
 * here for what the URL has only a random key of.
 * <p>
 * Belongs to one pool, and must be closed after it. Thread-safe.
 *
 * @since 0.1.0
 */
public final class TlsHandover implements AutoCloseable {

	private static final Map<String, TlsHandover> handovers = new ConcurrentHashMap<>();

	private final String key = UUID.randomUUID().toString();

	private volatile @Nullable SSLSocketFactory socketFactory;

	private volatile @Nullable String keyPassword;

	private TlsHandover(@Nullable SSLSocketFactory socketFactory, @Nullable String keyPassword) {
		this.socketFactory = socketFactory;
		this.keyPassword = keyPassword;
		handovers.put(this.key, this);
	}

	/**
	 * Hand over sockets.
	 * @param socketFactory what makes the sockets
	 * @return something to be closed after the pool
	 */
	public static TlsHandover ofSocketFactory(SSLSocketFactory socketFactory) {
		Assert.notNull(socketFactory, "'socketFactory' must not be null");
		return new TlsHandover(socketFactory, null);
	}

	/**
	 * Hand over a password.
	 * @param keyPassword the password of the client's private key
	 * @return something to be closed after the pool
	 */
	public static TlsHandover ofKeyPassword(String keyPassword) {
		Assert.notNull(keyPassword, "'keyPassword' must not be null");
		return new TlsHandover(null, keyPassword);
	}

	/**
	 * Let connections that are opened from now on use other sockets, for example with
	 * renewed certificates. Has no effect once this is closed.
	 * @param newSocketFactory what makes the sockets
	 */
	public void replaceSocketFactory(SSLSocketFactory newSocketFactory) {
		this.socketFactory = newSocketFactory;
		if (!handovers.containsKey(this.key)) {
			this.socketFactory = null;
		}
	}

	/**
	 * Forget everything. Connections that are open stay so.
	 */
	@Override
	public void close() {
		handovers.remove(this.key);
		this.socketFactory = null;
		this.keyPassword = null;
	}

	String key() {
		return this.key;
	}

	static SSLSocketFactory socketFactory(String key) {
		TlsHandover handover = handovers.get(key);
		SSLSocketFactory socketFactory = (handover != null) ? handover.socketFactory : null;
		Assert.state(socketFactory != null, "The application that this connection was for is closed");
		return socketFactory;
	}

	static @Nullable String keyPassword(String key) {
		TlsHandover handover = handovers.get(key);
		return (handover != null) ? handover.keyPassword : null;
	}

}
