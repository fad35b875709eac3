package io.github.crdbspring.url;

import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbUrl}.
 */
class CrdbUrlTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "none",
			textBlock = """
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
					postgresql://u:p@h:1/d?user=u&password=p  | jdbc:postgresql://h:1/d
					JDBC:PostgreSQL://u:p@h:1/d               | jdbc:postgresql://h:1/d
					postgresql://u:p@/d?host=h&port=1         | jdbc:postgresql://h:1/d
					postgresql://u:p@h?port=1&dbname=d        | jdbc:postgresql://h:1/d
					postgresql://u:p@h:1/d?host=h&port=1&dbname=d | jdbc:postgresql://h:1/d
					jdbc:postgresql://u:p@/?PGHOST=h&PGPORT=1&PGDBNAME=d | jdbc:postgresql://h:1/d
					postgresql://u:p@/d?host=a,b&port=1,2     | jdbc:postgresql://a:1,b:2/d
					postgresql://u:p@/d?host=a,b&port=1       | jdbc:postgresql://a:1,b:1/d
					postgresql://u:p@/d?host=a,b&port=1,      | jdbc:postgresql://a:1,b:26257/d
					postgresql://u:p@a,b:2/d?port=1,2         | jdbc:postgresql://a:1,b:2/d
					postgresql://u:p@/d?host=::1              | jdbc:postgresql://[::1]:26257/d
					postgresql://u:p@/d?host=[::1]            | jdbc:postgresql://[::1]:26257/d
					postgresql://u:p@[fe80::1%25eth0]:1/d     | jdbc:postgresql://[fe80::1%eth0]:1/d
					postgresql://u:p@[::ffff:10.0.0.1]:1/d    | jdbc:postgresql://[::ffff:10.0.0.1]:1/d
					postgresql://u:p@my_host.dörf.example:1/d | jdbc:postgresql://my_host.dörf.example:1/d
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
					postgresql://u:p@h:1/d?a=1&a=1         | jdbc:postgresql://h:1/d?a=1
					postgresql://u:p@h:1/d?a=x:z/?         | jdbc:postgresql://h:1/d?a=x%3Az%2F%3F
					postgresql://u:p@h:1/d?options=x@y     | jdbc:postgresql://h:1/d?options=x%40y
					jdbc:postgresql://h/d?user=u&password=p&ApplicationName=a@b | jdbc:postgresql://h:26257/d?ApplicationName=a%40b
					""")
	void parsesTheAddress(String text, String jdbcUrl) {
		assertThat(CrdbUrl.parse(text)).isEqualTo(new CrdbUrl(jdbcUrl, "u", "p", null));
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
			jdbc:postgresql://h/?user=u@corp&password=p@ss | u@corp | p@ss
			postgresql://h/?user=u@corp&password=p@ss | u@corp  | p@ss
			postgresql://u@h?user=&password=          | u       | none
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
		assertThat(read("postgresql://h/d?a=%26%3D%23%3F/%40:"))
			.isEqualTo(properties("h", "26257", "d", "a", "&=#?/@:"));
	}

	@Test
	void showsNoPassword() {
		CrdbUrl url = CrdbUrl.parse("postgresql://u:s3cr3t@h/d?sslkey=k&sslpassword=s3cr3t");
		assertThat(url.keyPassword()).isEqualTo("s3cr3t");
		assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://h:26257/d?sslkey=k");
		assertThat(url)
			.hasToString("CrdbUrl[jdbcUrl=jdbc:postgresql://h:26257/d?sslkey=k, username=u, password=******, "
					+ "keyPassword=******]");
		assertThat(CrdbUrl.parse("postgresql://u@h/d"))
			.hasToString("CrdbUrl[jdbcUrl=jdbc:postgresql://h:26257/d, username=u, password=null, keyPassword=null]");
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
