/**
 * Counts transactions by name.
 */
@NullMarked
package io.github.crdbspring.transaction.statistics;

import org.jspecify.annotations.NullMarked;
