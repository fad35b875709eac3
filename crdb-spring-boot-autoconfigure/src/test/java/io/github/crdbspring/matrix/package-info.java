/**
 * What a caller is told about the outcome of its transaction, compared with what the
 * database has: each way to a transaction, with each transaction manager, and each fault
 * at each moment.
 */
package io.github.crdbspring.matrix;
