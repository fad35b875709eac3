package io.github.crdbspring.chaos;

/**
 * Writes a transfer and its row of the history, within a transaction that somebody else
 * has begun.
 */
interface Bank {

	void move(Transfer transfer);

}
