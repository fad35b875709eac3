package io.github.crdbspring.url;

import java.nio.file.Files;
import java.nio.file.Path;

import io.github.crdbspring.test.CertificateAuthority;
import io.github.crdbspring.test.IssuedCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CrdbUrl#checkFiles()} with files that are missing or something else.
 */
class TlsFilesTests {

	@TempDir
	private Path folder;

	private String query;

	@BeforeEach
	void writeFiles() throws Exception {
		CertificateAuthority authority = new CertificateAuthority("tests");
		IssuedCertificate client = authority.issueForClient("teller");
		authority.writeCertificate(this.folder.resolve("sslrootcert"));
		client.writeCertificate(this.folder.resolve("sslcert"));
		client.writeBinaryKey(this.folder.resolve("sslkey"));
		this.query = "sslmode=verify-full&sslrootcert=" + this.folder.resolve("sslrootcert") + "&sslcert="
				+ this.folder.resolve("sslcert") + "&sslkey=" + this.folder.resolve("sslkey");
	}

	@Test
	void whatIsInOrderStaysAsItIs() {
		CrdbUrl url = parse(this.query);
		assertThat(url.checkFiles()).isSameAs(url);
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslrootcert", "sslcert", "sslkey" })
	void aMissingFileIsNamed(String parameter) throws Exception {
		Path file = this.folder.resolve(parameter);
		Files.delete(file);
		refuse(parameter, file, "does not exist");
		Files.createDirectory(file);
		refuse(parameter, file, "is not a file that can be read");
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslrootcert", "sslcert" })
	void aFileThatIsNoCertificateIsNamed(String parameter) throws Exception {
		Path file = this.folder.resolve(parameter);
		Files.write(file, new byte[0]);
		refuse(parameter, file, "contains no certificate");
		Files.writeString(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
		refuse(parameter, file, "is not a certificate");
	}

	@ParameterizedTest
	@ValueSource(strings = { "sslmode=disable&", "sslfactory=a.B&", "sslcert=&sslkey=&" })
	void filesThatAreNotUsedAreNotRead(String prefix) throws Exception {
		CrdbUrl url = parse(prefix + (prefix.startsWith("sslcert") ? "" : "sslcert=/nowhere&sslkey=/nowhere"));
		assertThat(url.checkFiles()).isSameAs(url);
	}

	@Test
	void aCertificateWithoutAKeyOrTheOtherWayRoundIsCompletedByTheDriversDefaultOnly() {
		String home = System.setProperty("user.home", this.folder.toString());
		try {
			Path folderOfDefaults = this.folder.resolve(".postgresql");
			for (String other : new String[] { "sslcert", "sslkey" }) {
				boolean keyIsMissing = other.equals("sslcert");
				assertThatExceptionOfType(InvalidTlsFileException.class)
					.isThrownBy(() -> parse(other + "=" + this.folder.resolve(other)).checkFiles())
					.withMessage(
							"%s of the database URL: the file %s does not exist. It is the default of %s; with %s "
									+ "name both files",
							keyIsMissing ? "sslkey" : "sslcert",
							folderOfDefaults.resolve(keyIsMissing ? "postgresql.pk8" : "postgresql.crt"),
							keyIsMissing ? "sslkey" : "sslcert", other);
			}
		}
		finally {
			System.setProperty("user.home", home);
		}
	}

	private void refuse(String parameter, Path file, String problem) {
		assertThatExceptionOfType(InvalidTlsFileException.class).isThrownBy(() -> parse(this.query).checkFiles())
			.withMessage("%s of the database URL: the file %s %s", parameter, file, problem)
			.satisfies((ex) -> assertThat(ex.getParameter()).isEqualTo(parameter));
	}

	private static CrdbUrl parse(String query) {
		return CrdbUrl.parse("postgresql://u@h/d?" + query);
	}

}
