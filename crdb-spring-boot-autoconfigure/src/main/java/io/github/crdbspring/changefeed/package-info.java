/**
 * Listeners for CockroachDB's changefeeds, whose effects and whose progress are committed
 * together.
 */
@NullMarked
package io.github.crdbspring.changefeed;

import org.jspecify.annotations.NullMarked;
