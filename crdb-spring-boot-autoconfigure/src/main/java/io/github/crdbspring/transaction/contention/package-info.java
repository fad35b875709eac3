/**
 * Admits the attempts of transactions that conflict with each other, as many at once as
 * get the most done.
 */
@NullMarked
package io.github.crdbspring.transaction.contention;

import org.jspecify.annotations.NullMarked;
