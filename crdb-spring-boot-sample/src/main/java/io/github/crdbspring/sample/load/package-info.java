/**
 * Many transfers at once, and what became of them.
 */
@NullMarked
package io.github.crdbspring.sample.load;

import org.jspecify.annotations.NullMarked;
