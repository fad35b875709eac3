package io.github.crdbspring.jdbc;

import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link CrdbUrl}.
 */
class CrdbUrlTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none", textBlock = """
			postgresql://u:p@h:1/d                 | jdbc:postgresql://h:1/d
			postgres://u:p@h:1/d                   | jdbc:postgresql://h:1/d
			cockroachdb://u:p@h:1/d                | jdbc:postgresql://h:1/d
			cockroach://u:p@h:1/d                  | jdbc:postgresql://h:1/d
			PostgreSQL://u:p@h:1/d                 | jdbc:postgresql://h:1/d
			jdbc:postgresql://u:p@h:1/d            | jdbc:postgresql://h:1/d
			jdbc:postgres://u:p@h:1/d              | jdbc:postgresql://h:1/d
			jdbc:cockroachdb://u:p@h:1/d           | jdbc:postgresql://h:1/d
			jdbc:postgresql://h:1/d?user=u&password=p | jdbc:postgresql://h:1/d
			postgresql://h:1/d?password=p&user=u   | jdbc:postgresql://h:1/d
			postgresql://u:p@h:1/d?user=x&password=y  | jdbc:postgresql://h:1/d
			postgresql://u@h:1/d?password=p        | jdbc:postgresql://h:1/d
			'  postgresql://u:p@h:1/d  '           | jdbc:postgresql://h:1/d
			postgresql://u:p@h:1                   | jdbc:postgresql://h:1/defaultdb
			postgresql://u:p@h:1/                  | jdbc:postgresql://h:1/defaultdb
			postgresql://u:p@h:1?a=b               | jdbc:postgresql://h:1/defaultdb?a=b
			postgresql://u:p@h/d                   | jdbc:postgresql://h:26257/d
			postgresql://u:p@h                     | jdbc:postgresql://h:26257/defaultdb
			postgresql://u:p@10.0.0.1:65535/d      | jdbc:postgresql://10.0.0.1:65535/d
			postgresql://u:p@[::1]:1/d             | jdbc:postgresql://[::1]:1/d
			postgresql://u:p@[2001:db8::1]/d       | jdbc:postgresql://[2001:db8::1]:26257/d
			postgresql://u:p@a.b-c.example.com/d   | jdbc:postgresql://a.b-c.example.com:26257/d
			postgresql://u:p@a:1,b:2,c:3/d         | jdbc:postgresql://a:1,b:2,c:3/d
			postgresql://u:p@a,b:2,[::1]/d         | jdbc:postgresql://a:26257,b:2,[::1]:26257/d
			postgresql://u:p@h:1/my%20db           | jdbc:postgresql://h:1/my+db
			postgresql://u:p@h:1/a%2Fb%3Fc%25      | jdbc:postgresql://h:1/a%2Fb%3Fc%25
			postgresql://u:p@h:1/a+b               | jdbc:postgresql://h:1/a%2Bb
			jdbc:postgresql://u:p@h:1/a+b          | jdbc:postgresql://h:1/a+b
			postgresql://u:p@h:1/d?                | jdbc:postgresql://h:1/d
			postgresql://u:p@h:1/d?&&a=b&          | jdbc:postgresql://h:1/d?a=b
			postgresql://u:p@h:1/d?a               | jdbc:postgresql://h:1/d?a=
			postgresql://u:p@h:1/d?a=b=c           | jdbc:postgresql://h:1/d?a=b%3Dc
			postgresql://u:p@h:1/d?a=1&a=2         | jdbc:postgresql://h:1/d?a=2
			postgresql://u:p@h:1/d?a=x@y:z/?       | jdbc:postgresql://h:1/d?a=x%40y%3Az%2F%3F
			""")
	void parsesTheAddress(String text, String jdbcUrl) {
		assertThat(CrdbUrl.parse(text)).isEqualTo(new CrdbUrl(jdbcUrl, "u", "p"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none", quoteCharacter = '`', textBlock = """
			postgresql://h                            | none    | none
			postgresql://h?sslmode=disable            | root    | none
			postgresql://@h?sslmode=disable           | root    | none
			postgresql://h?sslmode=disable&user=u     | u       | none
			postgresql://u@h?sslmode=disable          | u       | none
			postgresql://h?sslmode=require            | none    | none
			postgresql://h?sslmode=verify-full        | none    | none
			postgresql://@h                           | none    | none
			postgresql://u@h                          | u       | none
			postgresql://u:@h                         | u       | none
			postgresql://:p@h                         | none    | p
			postgresql://u:p@h                        | u       | p
			postgresql://u%40corp:p%40ss@h            | u@corp  | p@ss
			postgresql://u%3Ax:p%2F%3F%23%5B%5D%25@h  | u:x     | p/?#[]%
			postgresql://u:%F0%9F%98%80%C3%A4@h       | u       | \uD83D\uDE00\u00E4
			postgresql://u:p%20q@h                    | u       | p q
			postgresql://u:p+q@h                      | u       | p+q
			postgresql://u:p%2Bq@h                    | u       | p+q
			jdbc:postgresql://u:p+q@h                 | u       | p+q
			postgresql://h?user=u&password=p+q        | u       | p+q
			jdbc:postgresql://h?user=u&password=p+q   | u       | p q
			jdbc:postgresql://h?user=u&password=p%2Bq | u       | p+q
			postgresql://h?user=a%26b&password=c%3Dd  | a&b     | c=d
			postgresql://u:p:q@h                      | u       | p:q
			postgresql://u:p@ss@h                     | u       | p@ss
			postgresql://u:@@:@@h                     | u       | @@:@
			postgresql://u:p&q=r!$'()*,;@h            | u       | p&q=r!$'()*,;
			""")
	void parsesTheCredentials(String text, String username, String password) {
		CrdbUrl url = CrdbUrl.parse(text);
		assertThat(url.username()).isEqualTo(username);
		assertThat(url.password()).isEqualTo(password);
		assertThat(url.jdbcUrl()).startsWith("jdbc:postgresql://h:26257/defaultdb");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "h", "h:26257", "h/d", "postgresql", "postgresql:", "postgresql:d",
			"postgresql:/h/d", "//h/d", "://h/d", "mysql://h/d", "http://h/d", "jdbc:mysql://h/d",
			"jdbc:jdbc:postgresql://h/d", "postgresql+psycopg://h/d", "jdbc:postgresql:d", "postgresql://",
			"postgresql:///d", "postgresql://@/d", "postgresql://u:p@/d", "postgresql://u:p@", "postgresql://,/d",
			"postgresql://a,/d", "postgresql://,a/d", "postgresql://a,,b/d", "postgresql://h:/d", "postgresql://h:0/d",
			"postgresql://h:65536/d", "postgresql://h:99999/d", "postgresql://h:123456/d", "postgresql://h:-1/d",
			"postgresql://h:+1/d", "postgresql://h:x/d", "postgresql://h:1x/d", "postgresql://h: 1/d",
			"postgresql://h:1:2/d", "postgresql://h:\u0661/d", "postgresql://::1/d", "postgresql://2001:db8::1/d",
			"postgresql://[::1/d", "postgresql://::1]/d", "postgresql://[]/d", "postgresql://[::1]x/d",
			"postgresql://[h]/d", "postgresql://h x/d", "postgresql://a, b/d", "postgresql://a\tb/d",
			"postgresql://a\nb/d", "postgresql://h\u0000/d", "postgresql://%68/d", "postgresql://%2Ftmp%2Fsocket/d",
			"postgresql://h/d#f", "postgresql://u:p#q@h/d" })
	void refusesWhatIsNoAddress(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> CrdbUrl.parse(text))
			.withMessageStartingWith("The database URL is not valid: ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "%", "%%", "%1", "%zz", "%g0", "%0g", "x%", "x%2", "%-1", "%+1", "% 1", "%\uFF11\uFF11" })
	void refusesABadEscapeWhereverItIs(String escape) {
		for (String text : new String[] { "postgresql://%s:p@h/d", "postgresql://u:%s@h/d", "postgresql://h/%s",
				"postgresql://h/d?%s=x", "postgresql://h/d?a=%s", "jdbc:postgresql://h/d?password=%s" }) {
			assertThatIllegalArgumentException().isThrownBy(() -> CrdbUrl.parse(text.replace("%s", escape)))
				.withMessageContaining("has a '%' that is not followed by two hexadecimal digits");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3/cr3t", "12/s3cr3t", "s3?cr3t", "12?s3cr3t", "s3#cr3t", "12#s3cr3t", "12/3?s3cr3t",
			"s3%cr3t", "s3 /cr3t" })
	void aRawPasswordThatCannotBeToldFromTheRestIsRefusedWithoutRepeatingIt(String password) {
		assertThatIllegalArgumentException().isThrownBy(() -> CrdbUrl.parse("postgresql://u:" + password + "@h:1/d"))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("s3", "cr3t"))
			.withNoCause();
	}

	@ParameterizedTest
	@CsvSource({ "application_name, ApplicationName", "connect_timeout, connectTimeout",
			"channel_binding, channelBinding", "gssencmode, gssEncMode" })
	void parametersOfLibpqGetTheDriversNames(String libpqName, String driverName) {
		assertThat(read("postgresql://h/d?" + libpqName + "=1"))
			.isEqualTo(properties("h", "26257", "d", driverName, "1"));
		assertThat(read("postgresql://h/d?" + driverName + "=1"))
			.isEqualTo(properties("h", "26257", "d", driverName, "1"));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "sslmode", "sslrootcert", "sslcert", "sslkey", "options", "reWriteBatchedInserts", "unknown" })
	void otherParametersAreKept(String name) {
		assertThat(read("postgresql://h/d?" + name + "=x%20y")).isEqualTo(properties("h", "26257", "d", name, "x y"));
	}

	@Test
	void theDriverReadsBackWhatWasMeant() {
		assertThat(read("postgresql://u:p@h:1/d")).isEqualTo(properties("h", "1", "d"));
		assertThat(read("postgresql://u:p@a:1,b,[::1]:3/d")).isEqualTo(properties("a,b,[::1]", "1,26257,3", "d"));
		assertThat(
				read("postgresql://u:p@h/my%20d%C3%A4t%2Fa%3F%26b=%2B%25?sslmode=verify-full&options=-c%20a%3Db+c%26"))
			.isEqualTo(
					properties("h", "26257", "my d\u00E4t/a?&b=+%", "sslmode", "verify-full", "options", "-c a=b+c&"));
		assertThat(read("jdbc:postgresql://h/a+b?options=-c+a%3D%2B"))
			.isEqualTo(properties("h", "26257", "a b", "options", "-c a=+"));
		assertThat(read("postgresql://h/d?a=%26%3D%23%3F/@:")).isEqualTo(properties("h", "26257", "d", "a", "&=#?/@:"));
	}

	@Test
	void showsNoPassword() {
		assertThat(CrdbUrl.parse("postgresql://u:s3cr3t@h/d"))
			.hasToString("CrdbUrl[jdbcUrl=jdbc:postgresql://h:26257/d, username=u, password=******]");
		assertThat(CrdbUrl.parse("postgresql://u@h/d"))
			.hasToString("CrdbUrl[jdbcUrl=jdbc:postgresql://h:26257/d, username=u, password=null]");
	}

	private static Set<String> read(String text) {
		Properties properties = Driver.parseURL(CrdbUrl.parse(text).jdbcUrl(), new Properties());
		assertThat(properties).isNotNull();
		Set<String> read = new TreeSet<>();
		properties.stringPropertyNames().forEach((name) -> read.add(name + " is " + properties.getProperty(name)));
		return read;
	}

	private static Set<String> properties(String host, String port, String database, String... others) {
		Set<String> properties = new TreeSet<>(
				Set.of("PGHOST is " + host, "PGPORT is " + port, "PGDBNAME is " + database));
		for (int i = 0; i < others.length; i += 2) {
			properties.add(others[i] + " is " + others[i + 1]);
		}
		return properties;
	}

}
