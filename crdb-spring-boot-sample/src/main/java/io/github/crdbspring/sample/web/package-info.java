/**
 * Problem details (RFC 9457) for everything that goes wrong.
 */
@NullMarked
package io.github.crdbspring.sample.web;

import org.jspecify.annotations.NullMarked;
