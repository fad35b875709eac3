package io.github.crdbspring.url;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;

import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * The file of a client's private key. It is read if, and only if, the driver can read it.
 *
 * @param file the path
 * @param content the file's content
 */
record PrivateKeyFile(String file, byte[] content) {

	/**
	 * The only entry of a PKCS #12 file that the driver looks for.
	 */
	static final String ALIAS = "user";

	private static final String BEGIN = "BEGIN PRIVATE KEY";

	/**
	 * Whether the driver looks into a file before it reads it as PEM or DER, as from
	 * 42.7.13 on, unless its name says which it is.
	 */
	private static final boolean READ_BY_CONTENT = ClassUtils.isPresent("org.postgresql.ssl.Pk8OrPemKeyManager",
			PrivateKeyFile.class.getClassLoader());

	static PrivateKeyFile read(String file) {
		return new PrivateKeyFile(file, TlsFiles.read("sslkey", file));
	}

	boolean isPkcs12() {
		return hasExtension(".p12") || hasExtension(".pfx");
	}

	boolean isPem() {
		return !isPkcs12() && text().contains(BEGIN);
	}

	PrivateKey privateKey(String algorithm, @Nullable String password) throws GeneralSecurityException {
		byte[] encoded = isPem() ? decodePem() : der();
		KeyFactory keys = KeyFactory.getInstance(algorithm);
		try {
			return keys.generatePrivate(new PKCS8EncodedKeySpec(encoded));
		}
		catch (InvalidKeySpecException ex) {
			EncryptedPrivateKeyInfo encrypted = isPem() ? null : encryptedKey(encoded);
			if (encrypted == null) {
				throw invalid("is not a PKCS#8 key that fits the certificate, whose kind is " + algorithm + ". "
						+ conversion("-nocrypt "), ex);
			}
			return keys.generatePrivate(decrypt(encrypted, password));
		}
	}

	private byte[] decodePem() {
		if (hasExtension(".der") || (!READ_BY_CONTENT && !hasExtension(".pem") && !hasExtension(".key"))) {
			throw invalid("is PEM, but the driver reads a file of that name as DER. Rename it", null);
		}
		StringBuilder base64 = new StringBuilder();
		for (String line : text().lines().toList()) {
			if (line.contains("END PRIVATE KEY")) {
				break;
			}
			base64.append(line.contains(BEGIN) ? "" : line.trim());
		}
		try {
			return Base64.getDecoder().decode(base64.toString());
		}
		catch (IllegalArgumentException ex) {
			throw invalid("contains more than a key, or is damaged; the driver wants a PKCS#8 key without anything "
					+ "before it. " + conversion("-nocrypt "), ex);
		}
	}

	private byte[] der() {
		String text = text();
		if (text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")) {
			throw invalid("is an encrypted PEM key, which the driver cannot read; it reads encrypted keys as DER. "
					+ conversion("-v1 PBE-SHA1-3DES ") + ", and give its password as sslpassword", null);
		}
		if (text.contains("-----BEGIN ")) {
			throw invalid("is a PEM file, but not of a PKCS#8 key (BEGIN PRIVATE KEY), which is what the driver reads"
					+ (text.contains("BEGIN RSA PRIVATE KEY") ? "; it is PKCS#1 (BEGIN RSA PRIVATE KEY)" : "")
					+ (text.contains("BEGIN EC PRIVATE KEY") ? "; it is SEC 1 (BEGIN EC PRIVATE KEY)" : "") + ". "
					+ conversion("-nocrypt "), null);
		}
		if (hasExtension(".pem") || (!READ_BY_CONTENT && hasExtension(".key"))) {
			throw invalid("is not PEM, but the driver reads a file of that name as PEM. Rename it", null);
		}
		return this.content;
	}

	private static @Nullable EncryptedPrivateKeyInfo encryptedKey(byte[] encoded) {
		try {
			return new EncryptedPrivateKeyInfo(encoded);
		}
		catch (IOException ex) {
			return null;
		}
	}

	private PKCS8EncodedKeySpec decrypt(EncryptedPrivateKeyInfo encrypted, @Nullable String password) {
		if (password == null) {
			throw invalid("is encrypted, and sslpassword is missing", null);
		}
		try {
			Cipher cipher = Cipher.getInstance(encrypted.getAlgName());
			cipher.init(Cipher.DECRYPT_MODE, SecretKeyFactory.getInstance(encrypted.getAlgName())
				.generateSecret(new PBEKeySpec(password.toCharArray())), encrypted.getAlgParameters());
			return encrypted.getKeySpec(cipher);
		}
		catch (NoSuchAlgorithmException ex) {
			throw invalid("is encrypted in a way that the driver cannot read (" + encrypted.getAlgName() + "). "
					+ conversion("-v1 PBE-SHA1-3DES "), ex);
		}
		catch (GeneralSecurityException ex) {
			throw invalid("cannot be decrypted with sslpassword", ex);
		}
	}

	KeyStore keyStore(@Nullable String password) throws GeneralSecurityException {
		if (password == null) {
			throw invalid("is PKCS #12, and sslpassword is missing", null);
		}
		KeyStore keyStore = KeyStore.getInstance("PKCS12");
		try {
			keyStore.load(new ByteArrayInputStream(this.content), password.toCharArray());
		}
		catch (IOException ex) {
			throw invalid("is not PKCS #12, or sslpassword is wrong", ex);
		}
		if (!keyStore.isKeyEntry(ALIAS)) {
			throw invalid("has no key with the alias " + ALIAS
					+ ", which is the one that the driver looks for. Make it " + "with 'openssl pkcs12 -export -name "
					+ ALIAS + " -in client.crt -inkey client.key -out " + this.file + "'", null);
		}
		return keyStore;
	}

	private String conversion(String encryption) {
		String converted = this.file + ".pk8";
		String form = text().contains("-----BEGIN ") ? "" : "-inform DER ";
		return "Convert it with 'openssl pkcs8 -topk8 " + form + encryption + "-in " + this.file + " -outform DER -out "
				+ converted + "' and name " + converted + " in sslkey; for CockroachDB, 'cockroach cert create-client "
				+ "<user> --also-generate-pkcs8-key' writes client.<user>.key.pk8 at once";
	}

	private String text() {
		return new String(this.content, StandardCharsets.ISO_8859_1);
	}

	private boolean hasExtension(String extension) {
		return this.file.toLowerCase(Locale.ROOT).endsWith(extension);
	}

	private InvalidClientKeyException invalid(String problem, @Nullable Throwable cause) {
		return new InvalidClientKeyException(this.file, problem, cause);
	}

}
