package io.github.crdbspring.changefeed;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

import io.github.crdbspring.changefeed.source.ChangefeedSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Takes apart what a feed sends: the wrapped envelope of CockroachDB's JSON format. What
 * a row holds is left as it is, a text, so that no digit is lost.
 */
final class FeedRowParser {

	private static final JsonFactory JSON = new JsonFactory();

	private FeedRowParser() {
	}

	/**
	 * Read the time of a row that is a resolved timestamp.
	 */
	static BigDecimal resolved(ChangefeedSource.Row row) {
		return envelope(row).require("resolved");
	}

	/**
	 * Read a row of a table.
	 * @param row the row
	 * @param scan the time of the initial scan, {@code null} if none is under way
	 */
	static FeedRow row(ChangefeedSource.Row row, @Nullable BigDecimal scan) {
		Envelope envelope = envelope(row);
		if (row.table() == null || row.key() == null) {
			throw new IllegalStateException(
					"A row of the changefeed has neither table nor resolved timestamp: " + text(row));
		}
		BigDecimal timestamp = envelope.require("updated");
		return new FeedRow(row.table(), new String(row.key(), StandardCharsets.UTF_8), envelope.before, envelope.after,
				envelope.hasBefore, timestamp, scan != null && timestamp.compareTo(scan) == 0);
	}

	private static Envelope envelope(ChangefeedSource.Row row) {
		Envelope envelope = new Envelope(row);
		try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), row.value())) {
			parser.nextToken();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				parser.nextToken();
				envelope.read(name, parser);
			}
			return envelope;
		}
		catch (JacksonException ex) {
			throw new IllegalStateException("What the changefeed has sent is no JSON object: " + text(row), ex);
		}
	}

	private static String text(ChangefeedSource.Row row) {
		return new String(row.value(), StandardCharsets.UTF_8);
	}

	/**
	 * What stands around a row.
	 */
	private static final class Envelope {

		private final ChangefeedSource.Row row;

		private @Nullable String before;

		private @Nullable String after;

		private boolean hasBefore;

		private @Nullable BigDecimal time;

		Envelope(ChangefeedSource.Row row) {
			this.row = row;
		}

		void read(String name, JsonParser parser) {
			if (name.equals("before")) {
				this.hasBefore = true;
				this.before = object(parser);
			}
			else if (name.equals("after")) {
				this.after = object(parser);
			}
			else if (name.equals("updated") || name.equals("resolved")) {
				this.time = new BigDecimal(parser.getString());
			}
			else {
				parser.skipChildren();
			}
		}

		private @Nullable String object(JsonParser parser) {
			if (parser.currentToken() == JsonToken.VALUE_NULL) {
				return null;
			}
			int start = (int) parser.currentTokenLocation().getByteOffset();
			parser.skipChildren();
			int end = (int) parser.currentLocation().getByteOffset();
			return new String(this.row.value(), start, end - start, StandardCharsets.UTF_8);
		}

		BigDecimal require(String name) {
			if (this.time == null) {
				throw new IllegalStateException("A row of the changefeed has no '" + name + "': " + text(this.row));
			}
			return this.time;
		}

	}

}
