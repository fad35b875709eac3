/**
 * Accounts and the transfers between them.
 */
@NullMarked
package io.github.crdbspring.sample.bank;

import org.jspecify.annotations.NullMarked;
