/**
 * Meters and observations of transactions, with Micrometer.
 */
@NullMarked
package io.github.crdbspring.metrics;

import org.jspecify.annotations.NullMarked;
