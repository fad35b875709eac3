package io.github.crdbspring.autoconfigure.datasource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslOptions;

/**
 * Makes sockets with the keys, the trusted certificates and the options of an SSL bundle.
 */
final class SslBundleSocketFactory extends SSLSocketFactory {

	private final SSLSocketFactory target;

	private final SslOptions options;

	SslBundleSocketFactory(SslBundle bundle) {
		this.target = bundle.createSslContext().getSocketFactory();
		this.options = bundle.getOptions();
	}

	private Socket configure(Socket socket) {
		SSLSocket sslSocket = (SSLSocket) socket;
		if (this.options.getCiphers() != null) {
			sslSocket.setEnabledCipherSuites(this.options.getCiphers());
		}
		if (this.options.getEnabledProtocols() != null) {
			sslSocket.setEnabledProtocols(this.options.getEnabledProtocols());
		}
		return socket;
	}

	@Override
	public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
		return configure(this.target.createSocket(socket, host, port, autoClose));
	}

	@Override
	public Socket createSocket() throws IOException {
		return configure(this.target.createSocket());
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		return configure(this.target.createSocket(host, port));
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
		return configure(this.target.createSocket(host, port, localHost, localPort));
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException {
		return configure(this.target.createSocket(host, port));
	}

	@Override
	public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
			throws IOException {
		return configure(this.target.createSocket(address, port, localAddress, localPort));
	}

	@Override
	public String[] getDefaultCipherSuites() {
		String[] ciphers = this.options.getCiphers();
		return (ciphers != null) ? ciphers : this.target.getDefaultCipherSuites();
	}

	@Override
	public String[] getSupportedCipherSuites() {
		return this.target.getSupportedCipherSuites();
	}

}
