package io.github.crdbspring.jdbc;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What a transaction leaves behind with its COMMIT, so that its outcome can be found out
 * where the answer to COMMIT does not tell it. Infrastructure of this library, no API for
 * applications.
 *
 * @since 0.1.0
 */
public interface CommitMark {

	/**
	 * Return the statement that writes the mark, with a placeholder for its id. It is
	 * sent together with COMMIT, in one round trip.
	 * @param origin where the transaction's connection came from, {@code null} if that is
	 * unknown
	 * @return an INSERT that fails if a row with this id is there already
	 */
	String statement(@Nullable ConnectionOrigin origin);

	/**
	 * Return the id of the mark.
	 * @return the id
	 */
	UUID id();

	/**
	 * Find out how the transaction ended, on another connection.
	 * @param origin where the transaction's connection came from
	 * @return {@code COMMITTED} or {@code ROLLED_BACK}
	 * @throws RuntimeException if that cannot be found out
	 */
	TransactionEnd resolve(ConnectionOrigin origin);

}
