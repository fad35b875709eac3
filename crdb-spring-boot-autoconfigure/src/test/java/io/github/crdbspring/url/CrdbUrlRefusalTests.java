package io.github.crdbspring.url;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the URLs that {@link CrdbUrl} refuses, and what it says about them.
 */
class CrdbUrlRefusalTests {

	/**
	 * The caret is before the place that is wrong.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			^                                       | does not start with postgresql://host
			`  ^h`                                  | does not start with postgresql://host
			^h:26257                                | does not start with postgresql://host
			^postgresql:/h/d                        | does not start with postgresql://host
			^jdbc:postgresql:d                      | does not start with postgresql://host
			^://h/d                                 | does not start with postgresql://host
			^jdbc:jdbc:postgresql://h/d             | does not start with postgresql://host
			^mysql://u:p@h/d                        | its scheme is unknown
			`  ^mysql://h/d`                        | its scheme is unknown
			jdbc:^mysql://h/d                       | its scheme is unknown
			^postgresql+psycopg://h/d               | its scheme is unknown
			postgresql://^                          | a host is missing
			postgresql://^/d                        | a host is missing
			postgresql://u:p@^/d                    | a host is missing
			postgresql://u:p@^                      | a host is missing
			postgresql://^,b/d                      | a host is missing
			postgresql://a,^/d                      | a host is missing
			postgresql://a,^,b/d                    | a host is missing
			postgresql://^:1/d                      | a host is missing
			postgresql:///d?^host=                  | a host is missing
			postgresql://u:p@^%2Ftmp%2Fs/d          | no Unix domain sockets
			postgresql:///d?^host=/tmp              | no Unix domain sockets
			postgresql://u:p@^h h/d                 | a host is not valid
			postgresql://a,^ b/d                    | a host is not valid
			postgresql://^%68/d                     | a host is not valid
			postgresql://u:p@^h&a=b                 | a host is not valid
			postgresql://^[::1/d                    | a host is not valid
			postgresql://^[]/d                      | a host is not valid
			postgresql://^[h]/d                     | a host is not valid
			postgresql://^[:::]/d                   | a host is not valid
			postgresql://^[10.0.0.1]/d              | a host is not valid
			postgresql://^[::1]x/d                  | a host is not valid
			postgresql://^::1/d                     | a host is missing
			postgresql://2001:^db8::1/d             | a port is not a number
			postgresql://h:^/d                      | a port is not a number
			postgresql://h:^0/d                     | a port is not a number
			postgresql://h:^65536/d                 | a port is not a number
			postgresql://h:^123456/d                | a port is not a number
			postgresql://h:^+1/d                    | a port is not a number
			postgresql://a:1,b:^x/d                 | a port is not a number
			postgresql://[::1]:^x/d                 | a port is not a number
			postgresql://h:^\u0661/d                | a port is not a number
			postgresql://h/d?^port=x                | a port is not a number
			postgresql://a,b/d?^port=1,2,3          | not as many ports as hosts
			postgresql://a/d?^host=b                | the host is given twice
			postgresql://a:1/d?^port=2              | the port is given twice
			postgresql://a/d?^dbname=e              | the database is given twice
			postgresql://u@h/d?a=b&^user=v          | the user is given twice
			postgresql://u:p@h/d?^password=q        | the password is given twice
			postgresql://h/d?a=1&^a=2               | given twice
			postgresql://h/d?sslmode=require&^sslMode=disable           | given twice
			postgresql://h/d?application_name=x&^ApplicationName=y      | given twice
			postgresql://h/d^#f                     | a '#' must be written %23
			postgresql://u:p^#q@h/d                 | a '#' must be written %23
			postgresql://u:s3^/cr3t@h/d             | an '@' behind a '/'
			postgresql://u:12/3?s3cr3t^@h/d         | an '@' behind a '?'
			postgresql://u:p@h/a^@b                 | an '@' behind a '/'
			postgresql://u:1^?x=y@host              | an '@' behind a '?'
			postgresql://h^?user=u@corp             | an '@' behind a '?'
			postgresql://u:1/b?x=y^@host            | an '@' behind a '?'
			postgresql://u@corp:1/b?x^@y=z          | an '@' behind a '?'
			postgresql://h/d?^=x                    | name is missing
			postgresql://h/d?^passwd=s3cr3t         | looks like a secret
			postgresql://h/d?^clientSecret=s3cr3t   | looks like a secret
			postgresql://u:^%@h                     | a '%' that is not followed
			postgresql://^%1:p@h                    | a '%' that is not followed
			postgresql://h/^%zz                     | a '%' that is not followed
			postgresql://h/d?a=%41^%-1              | a '%' that is not followed
			postgresql://h/d?^%g0=x                 | a '%' that is not followed
			postgresql://h/d?a=^%\uFF11\uFF11       | a '%' that is not followed
			postgresql://u:a%C3%A4^%E4b@h           | not UTF-8
			postgresql://u:^%C3@h                   | not UTF-8
			postgresql://^%ED%A0%80@h               | not UTF-8
			postgresql://h/^%FF                     | not UTF-8
			postgresql://u:^a%00@h                  | NUL
			postgresql://h/d?user=u&^sslmode=on     | none of allow, disable, prefer, require, verify-ca, verify-full
			""")
	void saysWhereItIsWrong(String marked, String message) {
		int position = marked.indexOf('^');
		String url = marked.replace("^", "");
		assertThatExceptionOfType(InvalidCrdbUrlException.class).isThrownBy(() -> CrdbUrl.parse(url))
			.withMessageStartingWith("The database URL is not valid: ")
			.withMessageContaining(message)
			.withMessageEndingWith("(at index " + position + ")")
			.withMessageNotContaining("s3")
			.withNoCause()
			.satisfies((ex) -> assertThat(ex.getPosition()).isEqualTo(position));
	}

	@Test
	void halfACharacterIsRefused() {
		assertThatExceptionOfType(InvalidCrdbUrlException.class)
			.isThrownBy(() -> CrdbUrl.parse("postgresql://u:a\uD83Db@h/d"))
			.withMessageContaining("half of a character")
			.satisfies((ex) -> assertThat(ex.getPosition()).isEqualTo(16));
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3/cr3t", "12/s3cr3t", "s3?cr3t", "12?s3cr3t", "s3#cr3t", "12#s3cr3t", "12/3?s3cr3t",
			"s3%cr3t", "s3 /cr3t", "12?s3=cr3t", "12/3?s3=cr3t", "s3?cr3t=x" })
	void aRawPasswordThatCannotBeToldFromTheRestIsRefusedWithoutRepeatingIt(String password) {
		for (String text : new String[] { "postgresql://u:%s@h:1/d", "jdbc:postgresql://u:%s@h:1/d",
				"postgresql://u:%s@h" }) {
			assertThatExceptionOfType(InvalidCrdbUrlException.class)
				.isThrownBy(() -> CrdbUrl.parse(text.replace("%s", password)))
				.withMessageNotContaining("s3")
				.withMessageNotContaining("cr3t")
				.withNoCause();
		}
	}

}
