/**
 * The forms of {@code crdb.url}, and the TLS files and parameters behind them.
 */
@NullMarked
package io.github.crdbspring.url;

import org.jspecify.annotations.NullMarked;
