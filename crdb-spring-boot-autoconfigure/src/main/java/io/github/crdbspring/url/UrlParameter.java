package io.github.crdbspring.url;

/**
 * A parameter of a database URL.
 *
 * @param name the driver's name of it
 * @param value the decoded value
 * @param place where it stands
 */
record UrlParameter(String name, String value, UrlPart place) {

	InvalidCrdbUrlException malformed(String reason) {
		return this.place.malformed(reason);
	}

}
