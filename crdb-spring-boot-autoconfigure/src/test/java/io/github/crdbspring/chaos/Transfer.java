package io.github.crdbspring.chaos;

import java.util.UUID;

/**
 * Money that is to be moved.
 *
 * @param token what this transfer is known by in the database's history
 * @param source the account that has less afterwards
 * @param target the account that has more afterwards
 * @param amount the difference
 */
record Transfer(UUID token, int source, int target, int amount) {

}
