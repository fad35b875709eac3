package io.github.crdbspring.url;

import java.util.Properties;

import javax.net.ssl.SSLSocketFactory;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;
import org.postgresql.ssl.DefaultJavaSSLFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for how a {@link CrdbUrl} settles TLS.
 */
class CrdbUrlTlsTests {

	private static final String CLOUD = "free-tier.gcp-us-central1.cockroachlabs.cloud";

	private final TlsHandover handover = TlsHandover.ofSocketFactory((SSLSocketFactory) SSLSocketFactory.getDefault());

	@AfterEach
	void close() {
		this.handover.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql://u:p@h/d?sslrootcert=system", "jdbc:postgresql://h/d?sslrootcert=system",
			"postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=system",
			"postgresql://u:p@h/d?ssl=true&sslrootcert=system", "postgresql://u:p@" + CLOUD + "/d",
			"postgresql://u:p@" + CLOUD + "/d?sslmode=verify-full",
			"postgresql://u:p@" + CLOUD + "/d?sslmode=verify-ca", "postgresql://u:p@" + CLOUD + "/d?ssl=true",
			"postgresql://u:p@A.COCKROACHLABS.CLOUD," + CLOUD + "/d",
			"jdbc:postgresql://" + CLOUD + ":26257/d?user=u&password=p&sslmode=verify-full" })
	void theServerIsVerifiedAgainstTheTrustStoreOfTheJvm(String text) {
		assertThat(read(CrdbUrl.parse(text))).containsEntry("sslmode", "verify-full")
			.containsEntry("sslfactory", DefaultJavaSSLFactory.class.getName())
			.doesNotContainKey("sslrootcert");
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgresql://u:p@" + CLOUD + "/d?sslmode=verify-full&sslrootcert=ca.crt",
			"postgresql://u:p@" + CLOUD + "/d?sslmode=require", "postgresql://u:p@" + CLOUD + "/d?sslmode=disable",
			"postgresql://u:p@" + CLOUD + "/d?ssl=false", "postgresql://u:p@" + CLOUD + ",other.example/d",
			"postgresql://u:p@cockroachlabs.cloud.example/d?sslmode=verify-full",
			"postgresql://u:p@evilcockroachlabs.cloud/d?sslmode=verify-full",
			"postgresql://u:p@h/d?sslmode=verify-full" })
	void otherwiseTheDriverDoesWhatItDoes(String text) {
		assertThat(read(CrdbUrl.parse(text))).doesNotContainKey("sslfactory");
	}

	@Test
	void aClientCertificateGoesWithTheTrustStoreOfTheJvm() {
		assertThat(read(CrdbUrl.parse("postgresql://u@h/d?sslrootcert=system&sslcert=c&sslkey=k")))
			.containsEntry("sslfactory", CrdbSslSocketFactory.class.getName())
			.containsEntry("sslcert", "c")
			.containsEntry("sslkey", "k")
			.containsEntry("sslmode", "verify-full")
			.doesNotContainKeys("sslrootcert", "sslfactoryarg");
		assertThat(read(CrdbUrl.parse("postgresql://u@" + CLOUD + "?sslcert=c&sslkey=k"))).containsEntry("sslfactory",
				CrdbSslSocketFactory.class.getName());
	}

	@ParameterizedTest
	@CsvSource({ "sslmode=require&sslrootcert=system, sslmode", "sslrootcert=system&sslmode=verify-ca, sslmode",
			"sslrootcert=system&sslmode=disable, sslmode", "sslrootcert=system&ssl=false, ssl=",
			"sslrootcert=system&sslfactory=x, sslfactory",
			"sslrootcert=system&sslcert=c&sslkey=k&sslpasswordcallback=x, sslpasswordcallback" })
	void contradictionsToTheTrustStoreOfTheJvmAreRefused(String query, String place) {
		String text = "postgresql://u@h/d?" + query;
		assertThatExceptionOfType(InvalidCrdbUrlException.class).isThrownBy(() -> CrdbUrl.parse(text))
			.satisfies((ex) -> assertThat(ex.getPosition()).isEqualTo(text.lastIndexOf(place)));
	}

	@Test
	void inLibpqsFormARootCertificateIsUsedByRequireToo() {
		assertThat(read(CrdbUrl.parse("postgresql://u@h/d?sslmode=require&sslrootcert=ca.crt")))
			.containsEntry("sslmode", "verify-ca");
		assertThat(read(CrdbUrl.parse("jdbc:postgresql://h/d?sslmode=require&sslrootcert=ca.crt")))
			.containsEntry("sslmode", "require");
		assertThat(read(CrdbUrl.parse("postgresql://u@h/d?sslmode=require"))).containsEntry("sslmode", "require");
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslkey=-----BEGIN%20PRIVATE%20KEY-----s3cr3t", "sslcert=a%0As3cr3t",
			"sslrootcert=-----BEGIN%20CERTIFICATE-----s3cr3t" })
	void theContentOfAFileIsNotTakenForItsName(String query) {
		assertThatExceptionOfType(InvalidCrdbUrlException.class)
			.isThrownBy(() -> CrdbUrl.parse("postgresql://u@h/d?" + query))
			.withMessageContaining("must name a file")
			.withMessageNotContaining("s3cr3t");
	}

	@ParameterizedTest
	@CsvSource({ "'', verify-full", "sslmode=verify-full, verify-full", "sslmode=verify-ca, verify-ca",
			"sslmode=require, require", "ssl=true, verify-full" })
	void socketsThatAreHandedOverVerifyInFullIfNothingElseIsSaid(String query, String mode) {
		for (String host : new String[] { "h", CLOUD }) {
			assertThat(read(CrdbUrl.parse("postgresql://u@" + host + "?" + query, this.handover)))
				.containsEntry("sslfactory", CrdbSslSocketFactory.class.getName())
				.containsEntry("sslfactoryarg", this.handover.key())
				.containsEntry("sslmode", mode);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslmode=disable", "sslmode=allow", "sslmode=prefer", "ssl=false", "sslrootcert=system",
			"sslrootcert=ca.crt", "sslcert=c", "sslkey=k", "sslpassword=s3cr3t", "sslpasswordcallback=x",
			"sslfactory=x", "sslfactoryarg=x" })
	void contradictionsToSocketsThatAreHandedOverAreRefused(String parameter) {
		assertThatExceptionOfType(InvalidCrdbUrlException.class)
			.isThrownBy(() -> CrdbUrl.parse("postgresql://u@h/d?" + parameter, this.handover))
			.withMessageContaining("an SSL bundle")
			.withMessageNotContaining("s3cr3t")
			.satisfies((ex) -> assertThat(ex.getPosition()).isEqualTo(19));
	}

	@Test
	void nothingIsHandedOverAfterTheEnd() throws Exception {
		Properties properties = read(CrdbUrl.parse("postgresql://u@h/d", this.handover));
		assertThat(new CrdbSslSocketFactory(properties).getSupportedCipherSuites()).isNotEmpty();
		this.handover.close();
		this.handover.replaceSocketFactory((SSLSocketFactory) SSLSocketFactory.getDefault());
		assertThatIllegalStateException().isThrownBy(() -> new CrdbSslSocketFactory(properties))
			.withMessage("The application that this connection was for is closed");
	}

	private static Properties read(CrdbUrl url) {
		return Driver.parseURL(url.jdbcUrl(), new Properties());
	}

}
