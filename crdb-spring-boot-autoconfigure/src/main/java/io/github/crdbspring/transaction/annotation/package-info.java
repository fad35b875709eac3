/**
 * {@link io.github.crdbspring.transaction.annotation.CrdbTransactional} and the advice
 * behind it.
 */
@NullMarked
package io.github.crdbspring.transaction.annotation;

import org.jspecify.annotations.NullMarked;
