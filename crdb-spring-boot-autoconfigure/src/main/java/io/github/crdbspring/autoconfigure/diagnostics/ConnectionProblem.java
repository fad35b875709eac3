package io.github.crdbspring.autoconfigure.diagnostics;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Arrays;
import java.util.function.Predicate;

import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;

/**
 * What may be wrong when no connection to the database can be opened. The first that
 * matches explains a failure. The texts are ours, since messages of the driver and the
 * server name users, or repeat URLs.
 */
enum ConnectionProblem {

	CREDENTIALS_IN_HOST((failure) -> {
		UnknownHostException unknownHost = failure.find(UnknownHostException.class);
		return unknownHost != null && String.valueOf(unknownHost.getMessage()).contains("@");
	}, "the URL has a user before the host, which the PostgreSQL driver takes for a part of the host's name.",
			"Set crdb.url instead of the JDBC URL: it takes postgresql://user:password@host:26257/database. Or move "
					+ "user and password into properties of their own."),

	UNREADABLE_URL((failure) -> failure.isFromDriver(DriverMessage.URL_UNREADABLE),
			"the PostgreSQL driver cannot read its URL.",
			"""
					Write it as jdbc:postgresql://host:26257/database, with user and password in properties of their own. \
					Or set crdb.url instead, which also takes postgresql://user:password@host:26257/database."""),

	UNKNOWN_HOST((failure) -> failure.couldNotConnect(UnknownHostException.class), "the name of the host is not known.",
			"Correct the host in %s, or the name service of this machine."),

	// Before SocketException, of which it is no subclass
	TIMEOUT((failure) -> failure.couldNotConnect(SocketTimeoutException.class)
			|| failure.isFromDriver(DriverMessage.CONNECTION_TIMED_OUT), "the server did not answer in time.",
			"""
					Check host and port in %s, and whether a firewall or a list of allowed networks lets this machine \
					through. If all nodes of the cluster are overloaded, raise connectTimeout or loginTimeout in the URL."""),

	CLOSED((failure) -> failure.couldNotConnect(EOFException.class) || isReset(failure),
			"the connection was accepted, and closed again before a database answered.", """
					Check whether the port in %s is the SQL port of CockroachDB, 26257 if nothing else was chosen, and \
					whether a load balancer in between has a node that is ready."""),

	NOTHING_LISTENING((failure) -> failure.couldNotConnect(SocketException.class),
			"nothing listens there, or no way leads there.",
			"Start the database, or correct host and port in %s. CockroachDB listens on port 26257 if nothing else was "
					+ "chosen."),

	NO_DATABASE((failure) -> failure.hasState("08P01") && failure.isFromDriver(),
			"what answers there does not speak PostgreSQL's protocol.",
			"Check whether the port in %s is the SQL port of CockroachDB, 26257 if nothing else was chosen, and not "
					+ "the HTTP port of its console, 8080."),

	// PgBouncer and its like have no other sign of it than the text
	STARTUP_PARAMETER_REFUSED(
			(failure) -> failure.hasState("08P01") && failure.serverSays("unsupported startup parameter")
					|| failure.hasState("0A000") && failure.serverSays("command-line options"),
			"a connection pooler in between does not let a parameter of the connection pass{parameter}.",
			"""
					Take the parameter out of %s. What options=-c name=value sets can be set on the connection instead, with \
					crdb.session.name=value, or on the role, with ALTER ROLE … SET. Or let the pooler pass it: \
					ignore_startup_parameters has PgBouncer ignore a parameter."""),

	OPTIONS_UNREADABLE((failure) -> failure.hasState("08P01") && failure.serverSays("option \""),
			"the server cannot read the options of the URL.",
			"Write them in %s as options=-c%%20name%%3Dvalue, several with a space (%%20) in between."),

	SESSION_PARAMETER_REFUSED(
			(failure) -> failure.hasState("42704", "22023", "22007")
					&& (failure.isFatal() || failure.serverSays("invalid value for parameter")
							|| failure.serverSays("unrecognized configuration parameter")),
			"the server does not know a session variable, or does not take its value{parameter}.",
			"""
					Correct it where it is set: in the options of %s, or in crdb.session.*. Which there are depends on the \
					version of the server: SHOW ALL."""),

	// PostgreSQL has no other sign of it than the text; 'SSL off' is before version 14
	TLS_REQUIRED(
			(failure) -> failure.hasState("08P01") && failure.serverSays("SSL connection required")
					|| isNotAdmitted(failure) && (failure.serverSays("no encryption") || failure.serverSays("SSL off")),
			"the server takes connections through TLS only.", """
					Set sslmode=verify-full in %s, with sslrootcert naming the CA certificate of the cluster (ca.crt) \
					unless the JVM trusts it anyway."""),

	TLS_NOT_SUPPORTED((failure) -> failure.isFromDriver(DriverMessage.NO_TLS),
			"TLS is demanded, but the server does not speak it.", """
					Start the server with certificates. If it is one for development, started with --insecure, set \
					sslmode=disable in %s."""),

	ROOT_CERTIFICATE_UNUSABLE(
			(failure) -> failure.isFromDriver(DriverMessage.ROOT_CERTIFICATE_MISSING,
					DriverMessage.ROOT_CERTIFICATE_UNUSABLE),
			"the file with the CA certificate is missing, or has no certificate in PEM form{file}.",
			"""
					Let sslrootcert in %s name the CA certificate of the cluster (ca.crt). Without sslrootcert the driver \
					looks in .postgresql/root.crt of the user's home. For a certificate of a public CA, as CockroachDB \
					Cloud has it, use the JVM's trust store: sslrootcert=system in crdb.url, or \
					sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory in a JDBC URL.""",
			DriverMessage.ROOT_CERTIFICATE_MISSING, DriverMessage.ROOT_CERTIFICATE_UNUSABLE),

	CERTIFICATE_NOT_VALID_NOW(
			(failure) -> failure.isCausedBy(CertificateExpiredException.class)
					|| failure.isCausedBy(CertificateNotYetValidException.class),
			"the server's certificate has expired, or is not valid yet.",
			"Renew the certificate on the server, and check the clock of this machine."),

	CERTIFICATE_NOT_TRUSTED(
			(failure) -> failure.isCausedBy(SSLException.class) && (failure.isCausedBy(CertPathBuilderException.class)
					|| failure.isCausedBy(CertPathValidatorException.class)
					|| failure.isCausedBy(CertificateException.class)),
			"the server's certificate is not trusted: it is not issued by the CA that is to be trusted.",
			"""
					Let sslrootcert in %s name the certificate of the CA that issued the server's certificate: ca.crt of \
					the cluster, or what the cloud provider offers for download. If a new cluster replaced the old one, \
					its CA is new, too."""),

	HOST_NOT_VERIFIED((failure) -> failure.isFromDriver(DriverMessage.HOST_NOT_VERIFIED),
			"the server's certificate is not valid for the name of the host.",
			"""
					Use a host name in %s that the certificate is for, or add this one to the certificate (cockroach cert \
					create-node takes all names and addresses of a node). sslmode=verify-ca leaves the name unchecked, \
					which is safe only if the CA issues certificates for this cluster alone."""),

	CLIENT_CERTIFICATE_UNUSABLE(
			(failure) -> failure.isFromDriver(DriverMessage.CLIENT_CERTIFICATE_MISSING,
					DriverMessage.CLIENT_CERTIFICATE_UNUSABLE, DriverMessage.CLIENT_CERTIFICATES_UNUSABLE),
			"the file with the client certificate is missing, or has no certificate in PEM form{file}.",
			"Let sslcert in %s name the client certificate, such as client.<user>.crt.",
			DriverMessage.CLIENT_CERTIFICATE_MISSING, DriverMessage.CLIENT_CERTIFICATE_UNUSABLE),

	KEY_OPEN_TO_OTHERS((failure) -> failure.isFromDriver(DriverMessage.KEY_OPEN_TO_OTHERS),
			"others may read the private key of the client certificate{file}.",
			"Take the permission away: chmod 600, or 640 if the file belongs to root.",
			DriverMessage.KEY_OPEN_TO_OTHERS),

	KEY_PASSWORD_WRONG(
			(failure) -> failure.isFromDriver(DriverMessage.KEY_PASSWORD_WRONG, DriverMessage.KEY_PASSWORD_MISSING),
			"the private key of the client certificate cannot be decrypted{file}.",
			"Set sslpassword to the password of the file that sslkey in %s names.", DriverMessage.KEY_PASSWORD_WRONG),

	KEY_UNUSABLE((failure) -> failure.isFromDriver(DriverMessage.KEY_UNREADABLE, DriverMessage.PEM_KEY_UNREADABLE),
			"the private key of the client certificate is missing, or in a format that the driver does not take{file}.",
			"""
					Let sslkey in %s name the key in PKCS#8 form. CockroachDB makes it with
					    cockroach cert create-client <user> --also-generate-pkcs8-key --certs-dir=… --ca-key=…
					as client.<user>.key.pk8. A key that there is already (BEGIN RSA PRIVATE KEY) is converted with
					    openssl pkcs8 -topk8 -nocrypt -inform PEM -outform DER -in client.<user>.key -out client.<user>.key.pk8""",
			DriverMessage.KEY_UNREADABLE),

	PASSWORD_MISSING(
			(failure) -> failure.isFromDriver(DriverMessage.NO_PASSWORD, DriverMessage.NO_SCRAM_PASSWORD,
					DriverMessage.EMPTY_SCRAM_PASSWORD),
			"the server asks for a password, and none is set.", """
					Set the password, or a client certificate with sslcert and sslkey in %s; CockroachDB takes \
					one instead of a password if it was issued by the CA of the cluster. The user root needs one."""),

	CLIENT_CERTIFICATE_REFUSED(
			(failure) -> failure.hasState("28000")
					&& (failure.isFromRoutine("auth_failed") || failure.serverSays("valid client certificate"))
					|| failure.isFromFile("auth.go") && failure.serverSays("certificate"),
			"the server did not accept the client certificate for this user, or asks for one.",
			"""
					Let sslcert and sslkey in %s name a certificate that was issued for this very user, by a CA that the \
					server trusts (cockroach cert create-client <user>). The user root of a secure CockroachDB needs one."""),

	NOT_ADMITTED(ConnectionProblem::isNotAdmitted,
			"the server has no rule that lets this user in from this machine (pg_hba.conf).",
			"Add such a rule to the server's configuration, or correct user, database and sslmode in %s."),

	LOGIN_REFUSED(
			// CockroachDB before 21.2 has no SQLSTATE for it
			(failure) -> failure.hasState("28P01", "28000") || failure.isFromFile("auth.go"),
			"the server refused the login: wrong user, wrong password, or a user that may not log in.",
			"""
					Correct user and password, and percent-encode special characters of theirs in a URL. Where each is \
					taken from: crdb.username and crdb.password win over crdb.url; spring.datasource.url, with \
					spring.datasource.username and spring.datasource.password, wins over all of crdb.*. \
					The user root of a secure CockroachDB needs a client certificate (sslcert and sslkey) unless it was \
					given a password. What a CrdbCredentials bean has given may have expired, or not be valid yet."""),

	// CockroachDB of some versions opens the connection, and fails with the first
	// statement that needs a database
	UNKNOWN_DATABASE(
			(failure) -> failure.hasState("3D000")
					|| failure.hasState("42602") && failure.serverSays("no database or schema specified"),
			"a database does not exist on this server: the one of the URL, or one that a statement names.",
			"Create it (CREATE DATABASE …), or correct the database in %s. It is defaultdb if crdb.url names none."),

	TLS_FAILED(
			(failure) -> failure.isCausedBy(SSLException.class)
					&& (failure.hasState("08001") || failure.hasState("08006")),
			"server and driver could not agree on TLS.", """
					Check sslmode, sslrootcert, sslcert and sslkey in %s against the server's configuration. \
					-Djavax.net.debug=ssl,handshake shows what the two say to each other.""");

	private final Predicate<ConnectionFailure> matcher;

	private final String description;

	private final String action;

	private final DriverMessage[] naming;

	ConnectionProblem(Predicate<ConnectionFailure> matcher, String description, String action,
			DriverMessage... naming) {
		this.matcher = matcher;
		this.description = description;
		this.action = action;
		this.naming = naming;
	}

	static @Nullable ConnectionProblem of(ConnectionFailure failure) {
		return Arrays.stream(values()).filter((problem) -> problem.matcher.test(failure)).findFirst().orElse(null);
	}

	/**
	 * Describe the problem.
	 * @param failure the failure
	 * @return half a sentence
	 */
	String description(ConnectionFailure failure) {
		String file = failure.file(this.naming);
		String parameter = failure.parameter();
		return this.description.replace("{file}", (file != null) ? ": " + file : "")
			.replace("{parameter}", (parameter != null) ? ": " + parameter : "");
	}

	/**
	 * Say what to do.
	 * @param property what to call the URL
	 * @return sentences
	 */
	String action(String property) {
		return this.action.replace("%s", property).replace("%%", "%");
	}

	private static boolean isReset(ConnectionFailure failure) {
		SocketException socketException = failure.find(SocketException.class);
		// Without a type of its own; java.net does not translate
		return failure.hasState("08001") && socketException != null
				&& String.valueOf(socketException.getMessage()).contains("reset");
	}

	/**
	 * Whether PostgreSQL refuses by the rules of {@code pg_hba.conf}.
	 */
	private static boolean isNotAdmitted(ConnectionFailure failure) {
		return failure.hasState("28000") && failure.isFromRoutine("ClientAuthentication");
	}

}
