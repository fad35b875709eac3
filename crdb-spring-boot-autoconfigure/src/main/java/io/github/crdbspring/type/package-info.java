/**
 * CockroachDB's types as Java values, and the conversions between the two.
 */
@NullMarked
package io.github.crdbspring.type;

import org.jspecify.annotations.NullMarked;
