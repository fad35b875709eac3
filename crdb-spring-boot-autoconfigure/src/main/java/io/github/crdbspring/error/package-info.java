/**
 * What a failure means for a transaction's outcome: SQLSTATE knowledge, classification
 * and the exception types.
 */
@NullMarked
package io.github.crdbspring.error;

import org.jspecify.annotations.NullMarked;
