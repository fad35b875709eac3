package io.github.crdbspring.url;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.postgresql.Driver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrdbUrl} with random input, the same at each run.
 */
class CrdbUrlFuzzTests {

	private static final String MARK = "s3cr3t";

	private static final String ALPHABET = "ab09:/?#[]@!$&'()*+,;=% %2%25-._~\\\"<>^`{|}\t\n\u0000\u00E4\u0661\uFF11\uD83D\uDE00";

	private static final String[] SEEDS = { "postgresql://u:" + MARK + "@h:26257/d?sslmode=disable",
			"jdbc:postgresql://h/d?user=u&password=" + MARK,
			"postgresql://u:" + MARK + "@a:1,b:2,[::1]/d?options=-c%20a%3Db", "cockroachdb://u:" + MARK + "@h",
			"postgresql:///d?host=a,b&port=1,2&user=u&password=" + MARK,
			"postgresql://u@h/d?sslmode=verify-full&sslcert=c&sslkey=k&sslpassword=" + MARK, "postgres://" };

	private final Random random = new Random(20260131);

	@Test
	void whateverIsPutInNothingElseIsThrownAndNoMessageContainsThePassword() {
		int accepted = 0;
		for (int i = 0; i < 100_000; i++) {
			String text = mutate(SEEDS[this.random.nextInt(SEEDS.length)]);
			try {
				CrdbUrl.parse(text);
				accepted++;
			}
			catch (InvalidCrdbUrlException ex) {
				assertThat(ex.getPosition()).as(text).isBetween(0, text.length());
				assertThat(ex.getMessage()).as(text)
					.startsWith("The database URL is not valid: ")
					.doesNotContain(MARK, "s3", "cr3");
				assertThat(ex).hasNoCause().hasNoSuppressedExceptions();
			}
		}
		assertThat(accepted).isBetween(10_000, 90_000);
	}

	@Test
	void whateverIsAcceptedTheDriverReads() {
		int accepted = 0;
		for (int i = 0; i < 100_000; i++) {
			String text = mutate(SEEDS[this.random.nextInt(SEEDS.length)]);
			CrdbUrl url = parse(text);
			if (url != null) {
				accepted++;
				assertThat(url.jdbcUrl()).as(text).startsWith("jdbc:postgresql://").doesNotContain("\n", " ", "\u0000");
				assertThat(Driver.parseURL(url.jdbcUrl(), new Properties())).as(text)
					.isNotNull()
					.containsKeys("PGHOST", "PGPORT", "PGDBNAME");
				if (text.indexOf('@', Math.max(text.indexOf(MARK), 0)) >= 0) {
					assertThat(url.jdbcUrl()).as(text).doesNotContain(MARK);
				}
			}
		}
		assertThat(accepted).isBetween(10_000, 90_000);
	}

	@Test
	void encodedCredentialsComeBackAndAppearNowhereElse() {
		for (int i = 0; i < 20_000; i++) {
			String username = "u" + text(5).replace("\0", "");
			String password = MARK + text(12).replace("\0", "") + MARK;
			String database = "d" + text(5).replace("\0", "");
			String text = "postgresql://" + encode(username) + ":" + encode(password) + "@h:1/" + encode(database)
					+ "?options=" + encode(database);
			CrdbUrl url = CrdbUrl.parse(text);
			assertThat(url.username()).isEqualTo(username);
			assertThat(url.password()).isEqualTo(password);
			assertThat(url.jdbcUrl()).doesNotContain(MARK);
			assertThat(url.toString()).doesNotContain(MARK);
			Properties properties = Driver.parseURL(url.jdbcUrl(), new Properties());
			assertThat(properties).containsEntry("PGHOST", "h")
				.containsEntry("PGPORT", "1")
				.containsEntry("PGDBNAME", database)
				.containsEntry("options", database)
				.hasSize(4);
		}
	}

	@Test
	void encodedCredentialsAppearNowhereWhenAnythingElseIsWrong() {
		for (String text : new String[] { "postgresql://u:%s@h:0/d", "postgresql://u:%s@/d", "mysql://u:%s@h/d",
				"postgresql://u:%s@h/d#f", "postgresql://u:%s@h:x/d", "postgresql://u:%s@h/d?a=%",
				"postgresql://u%:%s@h/d", "postgresql://h:x/d?user=u&password=%s", "postgresql:/u:%s@h/d",
				"postgresql://u:%s@h/a@b" }) {
			for (int i = 0; i < 200; i++) {
				String url = text.replace("%s", encode(MARK + text(8) + MARK));
				assertThat(parseFailure(url)).as(url).doesNotContain(MARK);
			}
		}
	}

	@Test
	void aLongTextIsReadOrRefusedWithoutHarm() {
		String longText = "a".repeat(1_000_000);
		assertThat(CrdbUrl.parse("postgresql://u:" + longText + "@h").password()).isEqualTo(longText);
		assertThat(parseFailure(longText)).doesNotContain("aaa");
		assertThat(parseFailure("postgresql://" + ":".repeat(100_000))).doesNotContain("::");
	}

	private String parseFailure(String text) {
		try {
			return "Nothing failed: " + CrdbUrl.parse(text).jdbcUrl() + MARK;
		}
		catch (InvalidCrdbUrlException ex) {
			return ex.getMessage();
		}
	}

	private static CrdbUrl parse(String text) {
		try {
			return CrdbUrl.parse(text);
		}
		catch (InvalidCrdbUrlException ex) {
			return null;
		}
	}

	private String mutate(String seed) {
		StringBuilder text = new StringBuilder(seed);
		for (int i = this.random.nextInt(4); i >= 0; i--) {
			int position = this.random.nextInt(text.length() + 1);
			int end = Math.min(position + this.random.nextInt(3), text.length());
			text.replace(position, end, text(this.random.nextInt(3)));
		}
		return text.toString();
	}

	private String text(int length) {
		StringBuilder text = new StringBuilder();
		int[] alphabet = ALPHABET.codePoints().toArray();
		for (int i = 0; i < length; i++) {
			text.appendCodePoint(alphabet[this.random.nextInt(alphabet.length)]);
		}
		return text.toString();
	}

	private static String encode(String text) {
		return URLEncoder.encode(text.replace("\0", ""), StandardCharsets.UTF_8).replace("+", "%20");
	}

}
