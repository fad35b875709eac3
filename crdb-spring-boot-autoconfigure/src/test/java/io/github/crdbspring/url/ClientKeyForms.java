package io.github.crdbspring.url;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;

import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.security.auth.x500.X500Principal;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Writes a private key in the forms that tools write it in.
 */
final class ClientKeyForms {

	static final String PASSWORD = "k3y-s3cr3t";

	private ClientKeyForms() {
	}

	static byte[] pkcs8Pem(PrivateKey key) {
		return pem("PRIVATE KEY", "", key.getEncoded());
	}

	static byte[] encryptedPem(PrivateKey key) throws GeneralSecurityException, IOException {
		return pem("ENCRYPTED PRIVATE KEY", "", encrypted(key, "PBEWithSHA1AndDESede"));
	}

	static byte[] traditionalEncryptedPem(PrivateKey key) throws IOException {
		return pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233\n\n",
				traditionalDer(key));
	}

	static byte[] traditionalPem(PrivateKey key) throws IOException {
		return pem(key.getAlgorithm() + " PRIVATE KEY", "", traditionalDer(key));
	}

	/**
	 * PKCS#1 of an RSA key, SEC 1 of an EC key.
	 */
	static byte[] traditionalDer(PrivateKey key) throws IOException {
		return PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey().toASN1Primitive().getEncoded();
	}

	/**
	 * PKCS#8, encrypted with {@link #PASSWORD}.
	 */
	static byte[] encrypted(PrivateKey key, String algorithm) throws GeneralSecurityException, IOException {
		Cipher cipher = Cipher.getInstance(algorithm);
		cipher.init(Cipher.ENCRYPT_MODE,
				SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD.toCharArray())),
				new PBEParameterSpec(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 2048));
		return new EncryptedPrivateKeyInfo(cipher.getParameters(), cipher.doFinal(key.getEncoded())).getEncoded();
	}

	/**
	 * PKCS#8, encrypted with {@link #PASSWORD} as OpenSSL does it unless told otherwise.
	 */
	static byte[] encryptedByDefault(PrivateKey key) throws Exception {
		return new JcaPKCS8Generator(key,
				new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC).setProvider(new BouncyCastleProvider())
					.setPassword(PASSWORD.toCharArray())
					.build())
			.generate()
			.getContent();
	}

	/**
	 * PKCS #12, encrypted with {@link #PASSWORD}.
	 */
	static Path writePkcs12(Path file, String alias, PrivateKey key, Certificate certificate)
			throws GeneralSecurityException, IOException {
		KeyStore keyStore = KeyStore.getInstance("PKCS12");
		keyStore.load(null, null);
		keyStore.setKeyEntry(alias, key, PASSWORD.toCharArray(), new Certificate[] { certificate });
		try (OutputStream out = Files.newOutputStream(file)) {
			keyStore.store(out, PASSWORD.toCharArray());
		}
		return protect(file);
	}

	static Path write(Path file, byte[] content) throws IOException {
		return protect(Files.write(file, content));
	}

	static byte[] pem(String type, String headers, byte[] content) {
		return ("-----BEGIN " + type + "-----\n" + headers
				+ Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content) + "\n-----END " + type
				+ "-----\n")
			.getBytes();
	}

	static KeyPair ecKeys() throws GeneralSecurityException {
		KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
		generator.initialize(256);
		return generator.generateKeyPair();
	}

	static X509Certificate selfSigned(String name, KeyPair keys) throws Exception {
		X500Principal subject = new X500Principal("CN=" + name);
		Instant now = Instant.now();
		return new JcaX509CertificateConverter().getCertificate(
				new JcaX509v3CertificateBuilder(subject, BigInteger.ONE, Date.from(now.minus(Duration.ofDays(1))),
						Date.from(now.plus(Duration.ofDays(1))), subject, keys.getPublic())
					.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
	}

	private static Path protect(Path file) throws IOException {
		if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
			Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
		}
		return file;
	}

}
