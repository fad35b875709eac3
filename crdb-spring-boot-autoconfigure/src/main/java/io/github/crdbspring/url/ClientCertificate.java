package io.github.crdbspring.url;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Locale;
import java.util.Properties;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * The client certificate of {@code sslcert} and {@code sslkey}, or of the driver's
 * default files where only one of them is named.
 *
 * @param certFile the file of the certificate and those that lead to its authority
 * @param key the private key
 */
record ClientCertificate(String certFile, PrivateKeyFile key) {

	/**
	 * Return the certificate of a connection, {@code null} if it names none.
	 */
	static @Nullable ClientCertificate of(Properties properties) {
		String certFile = PGProperty.SSL_CERT.getOrDefault(properties);
		String keyFile = PGProperty.SSL_KEY.getOrDefault(properties);
		if ((certFile == null && keyFile == null) || "".equals(certFile) || "".equals(keyFile)) {
			return null;
		}
		PrivateKeyFile key = PrivateKeyFile
			.read((keyFile != null) ? keyFile : defaultFile("sslkey", "sslcert", "postgresql.pk8"));
		if (certFile == null && !key.isPkcs12()) {
			certFile = defaultFile("sslcert", "sslkey", "postgresql.crt");
		}
		return new ClientCertificate((certFile != null) ? certFile : key.file(), key);
	}

	private static String defaultFile(String missing, String given, String name) {
		boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");
		Path folder = windows ? Path.of(String.valueOf(System.getenv("APPDATA")), "postgresql")
				: Path.of(System.getProperty("user.home"), ".postgresql");
		Path file = folder.resolve(name);
		if (!Files.exists(file)) {
			throw new InvalidTlsFileException(missing, file.toString(),
					"does not exist. It is the default of " + missing + "; with " + given + " name both files", null);
		}
		return file.toString();
	}

	/**
	 * Read the certificate, and the key for which it is.
	 * @return the key's algorithm
	 */
	String check(@Nullable String password) throws GeneralSecurityException {
		if (this.key.isPkcs12()) {
			return this.key.keyStore(password).getCertificate(PrivateKeyFile.ALIAS).getPublicKey().getAlgorithm();
		}
		String algorithm = certificates("sslcert", this.certFile)[0].getPublicKey().getAlgorithm();
		return this.key.privateKey(algorithm, password).getAlgorithm();
	}

	KeyManager[] keyManagers(@Nullable String password) throws GeneralSecurityException {
		KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		char[] keyPassword = (password != null) ? password.toCharArray() : new char[0];
		factory.init(this.key.isPkcs12() ? this.key.keyStore(password) : keyStore(password, keyPassword), keyPassword);
		return factory.getKeyManagers();
	}

	private KeyStore keyStore(@Nullable String password, char[] keyPassword) throws GeneralSecurityException {
		Certificate[] chain = certificates("sslcert", this.certFile);
		PrivateKey privateKey = this.key.privateKey(chain[0].getPublicKey().getAlgorithm(), password);
		KeyStore keyStore = KeyStore.getInstance(KeyStore.getDefaultType());
		load(keyStore);
		keyStore.setKeyEntry(PrivateKeyFile.ALIAS, privateKey, keyPassword, chain);
		return keyStore;
	}

	private static void load(KeyStore empty) throws GeneralSecurityException {
		try {
			empty.load(null, null);
		}
		catch (IOException ex) {
			throw new KeyStoreException("No empty key store could be made", ex);
		}
	}

	/**
	 * Read the certificates of a file.
	 */
	static Certificate[] certificates(String parameter, String file) {
		byte[] content = TlsFiles.read(parameter, file);
		try {
			Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
				.generateCertificates(new ByteArrayInputStream(content));
			if (!certificates.isEmpty()) {
				return certificates.toArray(new Certificate[0]);
			}
		}
		catch (CertificateException ex) {
			throw new InvalidTlsFileException(parameter, file, "is not a certificate", ex);
		}
		throw new InvalidTlsFileException(parameter, file, "contains no certificate", null);
	}

}
