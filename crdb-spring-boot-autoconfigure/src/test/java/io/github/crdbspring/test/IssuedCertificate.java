package io.github.crdbspring.test;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A certificate with its private key, in the forms that servers and drivers take.
 *
 * @param certificate the certificate
 * @param key its private key
 */
public record IssuedCertificate(X509Certificate certificate, PrivateKey key) {

	/**
	 * Write the certificate to a PEM file.
	 * @param file the file
	 * @return the file
	 */
	public Path writeCertificate(Path file) throws IOException {
		return writePem(file, this.certificate);
	}

	/**
	 * Write the key as PKCS#8 to a PEM file, {@code BEGIN PRIVATE KEY}.
	 * @param file the file
	 * @return the file
	 */
	public Path writeKey(Path file) throws IOException {
		return protect(writePem(file, new PemObject("PRIVATE KEY", this.key.getEncoded())));
	}

	/**
	 * Write the key as PKCS#8 to a binary file.
	 * @param file the file
	 * @return the file
	 */
	public Path writeBinaryKey(Path file) throws IOException {
		return protect(Files.write(file, this.key.getEncoded()));
	}

	/**
	 * Write the key as PKCS#1 to a PEM file, {@code BEGIN RSA PRIVATE KEY}, a form that
	 * the driver does not take.
	 * @param file the file
	 * @return the file
	 */
	public Path writeRsaKey(Path file) throws IOException {
		byte[] rsaKey = PrivateKeyInfo.getInstance(this.key.getEncoded())
			.parsePrivateKey()
			.toASN1Primitive()
			.getEncoded();
		return protect(writePem(file, new PemObject("RSA PRIVATE KEY", rsaKey)));
	}

	static Path writePem(Path file, Object content) throws IOException {
		try (BufferedWriter writer = Files.newBufferedWriter(file); JcaPEMWriter pem = new JcaPEMWriter(writer)) {
			pem.writeObject(content);
		}
		return file;
	}

	/**
	 * Drivers and servers refuse a key that others may read.
	 */
	private static Path protect(Path file) throws IOException {
		if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
			Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
		}
		return file;
	}

}
