/**
 * Explains starts that failed.
 */
@NullMarked
package io.github.crdbspring.autoconfigure.diagnostics;

import org.jspecify.annotations.NullMarked;
