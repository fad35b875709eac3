package io.github.crdbspring.url;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A part of a URL that knows where it stands, to be able to say where a mistake is.
 *
 * @param url the whole text
 * @param start where the part begins
 * @param end where it ends
 */
record UrlPart(String url, int start, int end) {

	String text() {
		return this.url.substring(this.start, this.end);
	}

	boolean isEmpty() {
		return this.start == this.end;
	}

	/**
	 * Where one of some characters is first, or the part's end.
	 */
	int find(String characters) {
		int index = this.start;
		while (index < this.end && characters.indexOf(this.url.charAt(index)) < 0) {
			index++;
		}
		return index;
	}

	boolean contains(char character) {
		return find(String.valueOf(character)) < this.end;
	}

	/**
	 * Where a character is last, or -1.
	 */
	int findLast(char character) {
		int index = this.url.lastIndexOf(character, this.end - 1);
		return (index >= this.start) ? index : -1;
	}

	UrlPart until(int index) {
		return new UrlPart(this.url, this.start, index);
	}

	UrlPart from(int index) {
		return new UrlPart(this.url, Math.min(index, this.end), this.end);
	}

	/**
	 * Resolve the percent escapes.
	 */
	String decode(boolean plusIsSpace) {
		StringBuilder decoded = new StringBuilder(this.end - this.start);
		int index = this.start;
		while (index < this.end) {
			char character = this.url.charAt(index);
			if (character == '%') {
				index = decodeEscapes(index, decoded);
			}
			else {
				decoded.append((plusIsSpace && character == '+') ? ' ' : character);
				index++;
			}
		}
		if (decoded.indexOf("\0") >= 0) {
			throw malformed("it contains a NUL character");
		}
		return decoded.toString();
	}

	private int decodeEscapes(int from, StringBuilder decoded) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		int index = from;
		while (index < this.end && this.url.charAt(index) == '%') {
			bytes.write(hexDigit(index, 1) * 16 + hexDigit(index, 2));
			index += 3;
		}
		ByteBuffer encoded = ByteBuffer.wrap(bytes.toByteArray());
		CharBuffer characters = CharBuffer.allocate(encoded.remaining());
		if (StandardCharsets.UTF_8.newDecoder().decode(encoded, characters, true).isError()) {
			throw malformed(from + 3 * encoded.position(),
					"a percent-encoded character is not UTF-8; encode its UTF-8 bytes");
		}
		decoded.append(characters.flip());
		return index;
	}

	private int hexDigit(int escape, int offset) {
		int index = escape + offset;
		char digit = (index < this.end) ? this.url.charAt(index) : ' ';
		if (digit > 'f' || Character.digit(digit, 16) < 0) {
			throw malformed(escape,
					"there is a '%' that is not followed by two hexadecimal digits; a plain '%' is " + "written %25");
		}
		return Character.digit(digit, 16);
	}

	InvalidCrdbUrlException malformed(String reason) {
		return malformed(this.start, reason);
	}

	InvalidCrdbUrlException malformed(int position, String reason) {
		return new InvalidCrdbUrlException("The database URL is not valid: " + reason + " (at index " + position + ")",
				position);
	}

}
