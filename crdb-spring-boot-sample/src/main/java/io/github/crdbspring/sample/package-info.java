/**
 * A bank over HTTP whose transfers conflict, are retried, and lose nothing.
 */
@NullMarked
package io.github.crdbspring.sample;

import org.jspecify.annotations.NullMarked;
