/**
 * The page at {@code /}: the bank at work.
 */
@NullMarked
package io.github.crdbspring.sample.page;

import org.jspecify.annotations.NullMarked;
