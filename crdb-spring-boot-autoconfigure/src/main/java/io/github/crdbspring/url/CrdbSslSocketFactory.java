package io.github.crdbspring.url;

import java.security.GeneralSecurityException;
import java.util.Properties;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

import org.postgresql.PGProperty;
import org.postgresql.ssl.WrappedFactory;

/**
 * Makes the TLS sockets that the driver's own factories cannot: those that were
 * {@linkplain TlsHandover handed over}, and those that verify the server against the
 * JVM's trust store while they present the client certificate of {@code sslcert} and
 * {@code sslkey}. Made by the driver, for each connection, so that renewed files are
 * read.
 *
 * @since 0.1.0
 */
public final class CrdbSslSocketFactory extends WrappedFactory {

	/**
	 * Create a new factory.
	 * @param properties the driver's properties of the connection
	 * @throws GeneralSecurityException if there are no such sockets
	 */
	public CrdbSslSocketFactory(Properties properties) throws GeneralSecurityException {
		String handover = PGProperty.SSL_FACTORY_ARG.getOrDefault(properties);
		this.factory = (handover != null) ? TlsHandover.socketFactory(handover) : systemTrust(properties);
	}

	private static SSLSocketFactory systemTrust(Properties properties) throws GeneralSecurityException {
		String password = PGProperty.SSL_PASSWORD.getOrDefault(properties);
		ClientCertificate certificate = ClientCertificate.of(properties);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(
				(certificate != null) ? certificate
					.keyManagers((password != null) ? password : ClientKeyPasswordCallback.password(properties)) : null,
				null, null);
		return context.getSocketFactory();
	}

}
