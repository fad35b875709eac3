package io.github.crdbspring.test;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import javax.security.auth.x500.X500Principal;

import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority of the tests' own that issues certificates, so that no tool for it has to
 * be installed.
 */
public final class CertificateAuthority {

	private static final Duration DAY = Duration.ofDays(1);

	private static final AtomicLong serialNumber = new AtomicLong(System.currentTimeMillis());

	/**
	 * Keys that are used again, since making them takes as long as a test: by the names
	 * of authorities, and those of all certificates.
	 */
	private static final Map<String, KeyPair> authorityKeys = new ConcurrentHashMap<>();

	private static final KeyPair SUBJECT_KEYS = newKeys();

	private final KeyPair keys;

	private final X509Certificate certificate;

	/**
	 * Create a new authority.
	 * @param name its common name
	 */
	public CertificateAuthority(String name) {
		this.keys = authorityKeys.computeIfAbsent(name, (key) -> newKeys());
		X500Principal subject = new X500Principal("CN=" + name);
		this.certificate = sign(this.keys, subject, subject, this.keys, DAY, new BasicConstraints(true), null);
	}

	/**
	 * Return the authority's own certificate.
	 * @return what its clients have to trust
	 */
	public X509Certificate certificate() {
		return this.certificate;
	}

	/**
	 * Write the authority's own certificate to a PEM file.
	 * @param file the file
	 * @return the file
	 */
	public Path writeCertificate(Path file) throws IOException {
		return IssuedCertificate.writePem(file, this.certificate);
	}

	/**
	 * Issue a certificate for a server.
	 * @param host the host name that it is valid for
	 * @return a certificate that is valid for a day
	 */
	public IssuedCertificate issueForServer(String host) {
		return issue(host, DAY, host);
	}

	/**
	 * Issue a certificate for a server that is no longer valid.
	 * @param host the host name that it is valid for
	 * @return a certificate that expired a day ago
	 */
	public IssuedCertificate issueExpiredForServer(String host) {
		return issue(host, DAY.negated(), host);
	}

	/**
	 * Issue a certificate for a client.
	 * @param user the SQL user
	 * @return a certificate that is valid for a day
	 */
	public IssuedCertificate issueForClient(String user) {
		return issue(user, DAY);
	}

	private IssuedCertificate issue(String name, Duration validFor, String... hosts) {
		GeneralNames names = (hosts.length == 0) ? null : new GeneralNames(
				Stream.of(hosts).map((host) -> new GeneralName(GeneralName.dNSName, host)).toArray(GeneralName[]::new));
		X509Certificate issued = sign(this.keys, this.certificate.getSubjectX500Principal(),
				new X500Principal("CN=" + name), SUBJECT_KEYS, validFor, new BasicConstraints(false), names);
		return new IssuedCertificate(issued, SUBJECT_KEYS.getPrivate());
	}

	private static X509Certificate sign(KeyPair issuerKeys, X500Principal issuer, X500Principal subject,
			KeyPair subjectKeys, Duration validFor, BasicConstraints constraints, GeneralNames names) {
		Instant end = Instant.now().plus(validFor);
		X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer,
				BigInteger.valueOf(serialNumber.incrementAndGet()), Date.from(end.minus(DAY.multipliedBy(2))),
				Date.from(end), subject, subjectKeys.getPublic());
		try {
			builder.addExtension(Extension.basicConstraints, true, constraints);
			if (names != null) {
				builder.addExtension(Extension.subjectAlternativeName, false, names);
			}
			return new JcaX509CertificateConverter().getCertificate(
					builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(issuerKeys.getPrivate())));
		}
		catch (IOException | GeneralSecurityException | OperatorCreationException ex) {
			throw new IllegalStateException("No certificate could be issued for " + subject, ex);
		}
	}

	private static KeyPair newKeys() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
			generator.initialize(2048);
			return generator.generateKeyPair();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("This JVM has no RSA", ex);
		}
	}

}
